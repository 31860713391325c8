import assert from "node:assert/strict";
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, proto } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { ask, pairAndLogIn } from "../test-support/baileys-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";
import { APP_STATE_FAULTS, type AppStateFault } from "./app-state-faults.ts";

const OWN = "5511000000000";
const CONTACTS = "critical_unblock_low";

/** The answer about contacts from a version on: of each collection its attributes, and its patches' versions. */
async function answersTo(test: TestContext) {
  const simulator = await withSimulator(test);
  const own = simulator.addAccount({ phone: OWN, contacts: [{ phone: "5511999999999", fullName: "Ana" }] });
  const { sock, end } = await pairAndLogIn(simulator, OWN);
  test.onTestFinished(end);
  for (const fullName of ["Bia", "Beatriz"]) own.saveContact({ phone: "5511888888888", fullName });
  const collections = async (version: string, name = CONTACTS) => {
    const asked: BinaryNode = {
      tag: "sync",
      attrs: {},
      content: [{ tag: "collection", attrs: { name, version, return_snapshot: "false" } }],
    };
    const answer = await ask(sock, { to: "@s.whatsapp.net", type: "set", xmlns: "w:sync:app:state" }, [
      asked,
    ]);
    assert.ok("tag" in answer);
    return getBinaryNodeChildren(getBinaryNodeChild(answer, "sync"), "collection");
  };
  return { simulator, collections };
}

/** In short: `name@version+more:patch versions`. */
function inShort(collection: BinaryNode): string {
  const { name, has_more_patches: more, type } = collection.attrs;
  const versions = getBinaryNodeChildren(getBinaryNodeChild(collection, "patches"), "patch").map(
    ({ content }) => {
      assert.ok(content instanceof Uint8Array);
      try {
        return String(proto.SyncdPatch.decode(content).version?.version);
      } catch {
        return "garbled";
      }
    },
  );
  return `${name}${type === "error" ? " error" : ""}${more === "true" ? "+" : ""}:${versions.join()}`;
}

/** A client at version 1 of 3 asks. */
const expected: Record<AppStateFault, readonly string[]> = {
  missing: [],
  more: [`${CONTACTS}+:2,3`],
  "more-of-nothing": [`${CONTACTS}+:`],
  growing: [`${CONTACTS}+:2`],
  again: [`${CONTACTS}+:1`],
  unknown: ["not_asked_for:2,3"],
  another: [`${CONTACTS}:2,3`, "not_asked_for:2,3"],
  nameless: ["undefined:2,3"],
  error: [`${CONTACTS} error:`],
  gap: [`${CONTACTS}:3`],
  garbled: [`${CONTACTS}:garbled`],
  "unknown-key": [`${CONTACTS}:2`],
};

describe("bad answers about the app state", () => {
  it("are each what they are called, until they are undone", async (t) => {
    const { simulator, collections } = await answersTo(t);
    for (const fault of Object.keys(APP_STATE_FAULTS) as AppStateFault[]) {
      const undo = simulator.faults.appState(fault);
      assert.deepEqual((await collections("1")).map(inShort), expected[fault], fault);
      undo();
      assert.deepEqual((await collections("1")).map(inShort), [`${CONTACTS}:2,3`], `behind ${fault}`);
    }
  });

  it("are those of one collection, or of one account, where one is named", async (t) => {
    const { simulator, collections } = await answersTo(t);
    simulator.faults.appState("missing", { collection: "regular" });
    simulator.faults.appState("missing", { phone: "5511999999999" });
    assert.deepEqual((await collections("1")).map(inShort), [`${CONTACTS}:2,3`]);
    assert.deepEqual(await collections("1", "regular"), []);
    simulator.faults.appState("missing", { phone: OWN });
    assert.deepEqual(await collections("1"), []);
  });
});
