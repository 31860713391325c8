import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { reactions } from "../devices/states.ts";
import { readClose, statusCodeOf } from "./close-reasons.ts";

/** An error in the form of a Boom, which is what Baileys gives. */
function boom(statusCode: unknown, message = "Connection Closed"): Error {
  return Object.assign(new Error(message), { output: { statusCode } });
}

describe("readClose", () => {
  for (const [code, reason] of [
    [401, "logged_out"],
    [403, "banned"],
    [405, "client_outdated"],
    [408, "timed_out"],
    [411, "multidevice_mismatch"],
    [428, "connection_lost"],
    [440, "replaced"],
    [503, "service_unavailable"],
    [515, "restart_required"],
    [500, "unknown"],
    [599, "unknown"],
  ] as const) {
    it(`reads ${code} as ${reason}`, () => {
      assert.deepEqual(readClose(boom(code), true), { reason, code });
    });
  }

  it("tells the end of the last QR code from silence", () => {
    const expired = readClose(boom(408, "QR refs attempts ended"), true);
    assert.deepEqual(expired, { reason: "pairing_expired", code: 408 });
  });

  it("reads every end before WhatsApp said anything as a lost connection, whatever its code", () => {
    for (const code of [401, 403, 408, 500, 515]) {
      assert.deepEqual(readClose(boom(code), false), { reason: "connection_lost", code: null });
    }
  });

  it("reads an end without an error as unknown", () => {
    assert.deepEqual(readClose(undefined, true), { reason: "unknown", code: null });
  });

  it("comes to a reason that the server reacts to, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), fc.integer(), fc.boolean(), (thing, code, heard) => {
        for (const error of [thing, boom(thing), boom(code)]) {
          const close = readClose(error, heard);
          assert.ok(close.reason in reactions);
          assert.ok(close.code === null || typeof close.code === "number");
        }
      }),
    );
  });
});

describe("statusCodeOf", () => {
  it("is null for whatever is no Boom", () => {
    for (const thing of [
      undefined,
      null,
      "408",
      new Error("x"),
      { output: { statusCode: 408 } },
      boom("408"),
    ]) {
      assert.equal(statusCodeOf(thing), null);
    }
    assert.equal(statusCodeOf(Object.assign(new Error("x"), { output: null })), null);
  });
});
