import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { reactions } from "../../sessions/device-states.ts";
import { readClose, statusCodeOf } from "./close-reasons.ts";

/** An error in the form of a Boom, which is what Baileys gives. */
function boom(statusCode: unknown, message = "Connection Closed", data: unknown = null): Error {
  return Object.assign(new Error(message), { output: { statusCode }, data });
}

/** What Baileys makes of `<failure reason=…>`. */
function failure(reason: number, attributes: Record<string, string> = {}): Error {
  return boom(reason, "Connection Failure", { reason: String(reason), location: "frc", ...attributes });
}

/** What Baileys makes of `<stream:error><conflict type=…>`. */
function conflict(type: string, code = 440): Error {
  return boom(code, "Stream Errored (conflict)", { tag: "conflict", attrs: { type } });
}

describe("readClose", () => {
  for (const [code, reason] of [
    [401, "logged_out"],
    [403, "banned"],
    [405, "client_outdated"],
    [406, "banned"],
    [408, "timed_out"],
    [409, "client_outdated"],
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

  for (const code of [400, 404, 413, 414, 415, 416, 417, 418, 429, 499]) {
    it(`reads a login that is refused with ${code} as refused, and the same code of anything else as unknown`, () => {
      assert.deepEqual(readClose(failure(code), true), { reason: "login_refused", code });
      assert.deepEqual(readClose(boom(code), true), { reason: "unknown", code });
    });
  }

  for (const code of [500, 501, 502, 599]) {
    it(`reads a login that is refused with ${code}, which is WhatsApp's own trouble, as unknown`, () => {
      assert.deepEqual(readClose(failure(code), true), { reason: "unknown", code });
    });
  }

  for (const [given, ban] of [
    [
      { code: "102", expire: "3600" },
      { seconds: 3600, kind: 102 },
    ],
    [{ expire: "60" }, { seconds: 60, kind: null }],
    [{ code: "101" }, { seconds: null, kind: 101 }],
    [
      { code: "", expire: "0" },
      { seconds: null, kind: null },
    ],
    [
      { code: "-1", expire: "-60" },
      { seconds: null, kind: null },
    ],
    [
      { code: "x", expire: "1e3" },
      { seconds: null, kind: null },
    ],
    // A point in time, in seconds and in milliseconds.
    [{ expire: "1795000000" }, { seconds: null, kind: null }],
    [{ expire: "1795000000000" }, { seconds: null, kind: null }],
  ] as const) {
    it(`reads of a ban ${JSON.stringify(given)} as ${JSON.stringify(ban)}`, () => {
      const close = readClose(failure(402, given), true);
      assert.deepEqual(close, { reason: "temporarily_banned", code: 402, ban });
    });
  }

  it("goes by the type of a conflict, whatever code it has", () => {
    for (const code of [440, 401, 500]) {
      assert.deepEqual(readClose(conflict("device_removed", code), true), { reason: "logged_out", code });
      assert.deepEqual(readClose(conflict("replaced", code), true), { reason: "replaced", code });
    }
    assert.deepEqual(readClose(conflict("something else"), true), { reason: "replaced", code: 440 });
  });

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
        for (const error of [thing, boom(thing), boom(code), boom(402, "", thing), boom(code, "", thing)]) {
          const close = readClose(error, heard);
          assert.ok(close.reason in reactions);
          assert.ok(close.code === null || typeof close.code === "number");
          assert.equal(close.ban !== undefined, close.reason === "temporarily_banned");
          assert.ok(new Date(Date.now() + (close.ban?.seconds ?? 0) * 1000).toISOString());
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
