import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type BinaryNode,
  decodePatches,
  decodeSyncdSnapshot,
  extractSyncdPatches,
  type LTHashState,
  newLTHashState,
} from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { silentLogger } from "../../model/signal/silent-logger.ts";
import type { Simulator, SimulatorOptions } from "../../simulator.ts";
import { type Client, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { collectEvents } from "../../test-support/collect-events.ts";
import { logIn, type NoiseClient } from "../../test-support/noise-client.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const OWN = "5511000000000";
const ANA = "5511999999999";
const BIA = "5511888888888";
const CONTACTS = "critical_unblock_low";

/** An account with one contact, and a client that has the app-state key. */
async function withContact(t: TestContext, options: SimulatorOptions = {}) {
  const simulator = await withSimulator(t, options);
  const own = simulator.addAccount({ phone: OWN, contacts: [{ phone: ANA, fullName: "Ana" }] });
  const client = await pairAndLogIn(simulator, OWN);
  t.onTestFinished(client.end);
  if (!client.auth.creds.myAppStateKeyId)
    await collectEvents(client.sock, "creds.update").until((update) => update.myAppStateKeyId);
  return { simulator, own, client };
}

/** Goes on without Baileys, which would fetch every change by itself. */
async function goOnAlone(
  simulator: Simulator,
  { auth, device, end }: Awaited<ReturnType<typeof pairAndLogIn>>,
) {
  const gone = once(simulator.events, "disconnected");
  await end();
  await gone;
  return {
    logIn: () =>
      logIn(simulator, {
        key: auth.creds.noiseKey,
        payload: { username: Number(OWN), device: device.id, passive: true, pull: true },
      }),
  };
}

/** What a client is answered that has nothing yet, or a version. */
async function answerFrom(client: NoiseClient, version: number): Promise<BinaryNode> {
  const attrs = { name: CONTACTS, version: String(version), return_snapshot: String(version === 0) };
  return client.ask({ type: "set", xmlns: "w:sync:app:state" }, [
    { tag: "sync", attrs: {}, content: [{ tag: "collection", attrs }] },
  ]);
}

/**
 * Applies an answer as rc14 does, with every MAC verified, and holds it to what zapo and others hold it to: each patch
 * follows the version before it.
 */
async function apply(simulator: Simulator, { auth }: Client, answer: BinaryNode, from = newLTHashState()) {
  const keyOf = async (id: string) => (await auth.keys.get("app-state-sync-key", [id]))[id] ?? null;
  const options = { dispatcher: simulator.mediaDispatcher };
  const { [CONTACTS]: sent } = await extractSyncdPatches(answer, options);
  assert.ok(sent);
  const doubts: string[] = [];
  const logger = { ...silentLogger(), warn: (_details: unknown, text?: string) => doubts.push(text ?? "") };
  let state: LTHashState = from;
  if (sent.snapshot) ({ state } = await decodeSyncdSnapshot(CONTACTS, sent.snapshot, keyOf, undefined, true));
  const start = state.version;
  const versions = sent.patches.map(({ version }) => Number(version?.version));
  ({ state } = await decodePatches(CONTACTS, sent.patches, state, keyOf, options, undefined, logger, true));
  assert.deepEqual(
    versions,
    versions.map((_, index) => start + index + 1),
    "versions follow each other",
  );
  assert.deepEqual([doubts, sent.hasMorePatches], [[], false]);
  return { state, snapshot: sent.snapshot ? start : undefined, patches: versions.length };
}

/** The collection as the simulator keeps it. */
function kept(simulator: Simulator) {
  const account = simulator.snapshot().accounts.find(({ phone }) => phone === OWN);
  const collection = account?.appState?.collections.find(({ name }) => name === CONTACTS);
  return [collection?.version, collection?.hash];
}

function reached({ version, hash }: LTHashState) {
  return [version, Buffer.from(hash).toString("base64")];
}

describe("app state for a client that has nothing", () => {
  it("is every change there was, one behind the other", async (t) => {
    const { simulator, own, client } = await withContact(t);
    const device = await (await goOnAlone(simulator, client)).logIn();
    own.saveContact({ phone: BIA, fullName: "Bia" });
    own.saveContact({ phone: BIA, fullName: "Beatriz" });
    own.removeContact({ phone: ANA });
    const { state, snapshot, patches } = await apply(simulator, client, await answerFrom(device, 0));
    assert.deepEqual([snapshot, patches, reached(state)], [undefined, 4, kept(simulator)]);
    own.saveContact({ phone: ANA, fullName: "Ana again" });
    const next = await apply(simulator, client, await answerFrom(device, 4), state);
    assert.deepEqual([next.patches, reached(next.state)], [1, kept(simulator)]);
    await device.end();
  });

  it("is shortened, without a gap, when there were many", async (t) => {
    const { simulator, own, client } = await withContact(t);
    const alone = await goOnAlone(simulator, client);
    for (let index = 0; index < 600; index++) own.saveContact({ phone: BIA, fullName: `Bia ${index}` });
    own.removeContact({ phone: ANA });
    const device = await alone.logIn();
    const { state, snapshot, patches } = await apply(simulator, client, await answerFrom(device, 0));
    assert.deepEqual([snapshot, patches, reached(state)], [undefined, 602, kept(simulator)]);
    own.saveContact({ phone: ANA, fullName: "Ana again" });
    const next = await apply(simulator, client, await answerFrom(device, 602), state);
    assert.deepEqual(reached(next.state), kept(simulator));
    await device.end();
  });

  it("has right MACs although a client has pushed a wrong LT-hash", async (t) => {
    const { simulator, client } = await withContact(t);
    simulator.events.removeAllListeners("error");
    await client.sock.resyncAppState([CONTACTS], true);
    const { [CONTACTS]: known } = await client.auth.keys.get("app-state-sync-version", [CONTACTS]);
    assert.ok(known);
    known.hash = Buffer.alloc(128, 1);
    await client.auth.keys.set({ "app-state-sync-version": { [CONTACTS]: known } });
    const reported = once(simulator.events, "error");
    await client.sock.addOrEditContact(`${BIA}@s.whatsapp.net`, { fullName: "Bia" });
    await reported;
    const device = await (await goOnAlone(simulator, client)).logIn();
    const { state } = await apply(simulator, client, await answerFrom(device, 0));
    assert.deepEqual(reached(state), kept(simulator));
    await device.end();
  });

  it("is a snapshot and the patches behind it, from the CDN", async (t) => {
    const { simulator, own, client } = await withContact(t, { blobs: "cdn" });
    const device = await (await goOnAlone(simulator, client)).logIn();
    const first = await apply(simulator, client, await answerFrom(device, 0));
    assert.deepEqual([first.snapshot, first.patches], [1, 0]);
    own.saveContact({ phone: BIA, fullName: "Bia" });
    own.removeContact({ phone: ANA });
    const second = await apply(simulator, client, await answerFrom(device, 0));
    assert.deepEqual([second.snapshot, second.patches, reached(second.state)], [1, 2, kept(simulator)]);
    for (let index = 0; index < 49; index++) own.saveContact({ phone: BIA, fullName: `Bia ${index}` });
    const third = await apply(simulator, client, await answerFrom(device, 0));
    assert.deepEqual([third.snapshot, third.patches, reached(third.state)], [52, 0, kept(simulator)]);
    await device.end();
  });

  it("is a file where there were more changes than fit into a stanza", async (t) => {
    const { simulator, own, client } = await withContact(t);
    const alone = await goOnAlone(simulator, client);
    for (let index = 0; index < 2_000; index++) own.saveContact({ phone: BIA, fullName: `Bia ${index}` });
    const device = await alone.logIn();
    const { snapshot, state } = await apply(simulator, client, await answerFrom(device, 0));
    assert.deepEqual([snapshot, reached(state)], [2_001, kept(simulator)]);
    await device.end();
  });
});
