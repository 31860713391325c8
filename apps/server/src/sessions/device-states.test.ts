import assert from "node:assert/strict";
import type { DeviceState } from "@wuts/contract";
import { contract } from "@wuts/contract";
import { describe, it } from "vitest";
import { listAt } from "../test-support/call.ts";
import { isPaired, reactions, stateAtRest, transition } from "./device-states.ts";

const schema = (name: string) => listAt(contract, "components", "schemas", name, "enum");

describe("transition", () => {
  const allowed: readonly (readonly [DeviceState, DeviceState])[] = [
    ["unpaired", "pairing"],
    ["pairing", "connecting"],
    ["connecting", "connected"],
    ["connected", "reconnecting"],
    ["reconnecting", "connecting"],
    ["connected", "replaced"],
    ["replaced", "connecting"],
    ["connected", "logged_out"],
    ["logged_out", "pairing"],
    ["banned", "connecting"],
    ["disconnected", "connecting"],
  ];
  for (const [from, to] of allowed) {
    it(`lets ${from} become ${to}`, () => assert.equal(transition(from, to), to));
  }

  for (const [from, to] of [
    ["unpaired", "connected"],
    ["unpaired", "reconnecting"],
    ["unpaired", "replaced"],
    ["connected", "pairing"],
    ["disconnected", "connected"],
    ["disconnected", "reconnecting"],
    ["logged_out", "connected"],
    ["banned", "reconnecting"],
  ] as const) {
    it(`refuses that ${from} becomes ${to}`, () => assert.throws(() => transition(from, to)));
  }

  it("lets every state stay as it is", () => {
    for (const { state } of Object.values(reactions).filter((reaction) => reaction.next === "stop")) {
      assert.equal(transition(state, state), state);
    }
  });

  it("lets a device come to rest from every state in which a connection can end", () => {
    const resting = Object.values(reactions).filter((reaction) => reaction.next === "stop");
    for (const { state } of resting) {
      for (const from of ["pairing", "connecting", "connected", "reconnecting"] as const)
        assert.doesNotThrow(() => transition(from, state));
    }
  });
});

describe("reactions", () => {
  it("has one for every reason that the contract names", () => {
    assert.deepEqual(Object.keys(reactions).sort(), schema("DisconnectReason").sort());
  });

  it("never reconnects by itself after a replacement, a logout, a ban, a refused login or an outdated client", () => {
    for (const reason of [
      "replaced",
      "logged_out",
      "banned",
      "temporarily_banned",
      "login_refused",
      "client_outdated",
    ] as const) {
      assert.equal(reactions[reason].next, "stop");
    }
  });
});

describe("restingState", () => {
  it("is a state of the contract for every standing; paired devices are about to connect", () => {
    for (const standing of ["unpaired", "disconnected", "replaced", "banned", "logged_out"] as const) {
      assert.equal(stateAtRest(standing), standing);
    }
    assert.equal(stateAtRest("paired"), "connecting");
  });
});

describe("isPaired", () => {
  it("is about the account, not about the connection", () => {
    for (const standing of ["paired", "disconnected", "replaced", "banned"] as const) {
      assert.equal(isPaired(standing), true);
    }
    for (const standing of ["unpaired", "logged_out"] as const) assert.equal(isPaired(standing), false);
  });
});
