import assert from "node:assert/strict";
import { once } from "node:events";
import {
  ALL_WA_PATCH_NAMES,
  type BinaryNode,
  type Contact,
  encodeSyncdPatch,
  getBinaryNodeChild,
  proto,
  type UserFacingSocketConfig,
  type WAPatchCreate,
} from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { silentLogger } from "../../model/signal/silent-logger.ts";
import type { Simulator, SimulatorOptions } from "../../simulator.ts";
import type { SimulatorState } from "../../snapshot.ts";
import type { Client } from "../../test-support/baileys-client.ts";
import { ask, connect, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { collectEvents } from "../../test-support/collect-events.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const OWN = "5511000000000";
const ANA = "5511999999999";
const ANA_JID = `${ANA}@s.whatsapp.net`;
const CONTACTS = "critical_unblock_low";

/** A client of an account with one contact, which has an account, too, and the options that are asked for. */
async function withContacts(t: TestContext, options: SimulatorOptions = {}, more = 0) {
  const simulator = await withSimulator(t, options);
  const others = Array.from({ length: more }, (_, index) => ({
    phone: String(5_521_900_000_000 + index),
    fullName: `Contact ${index}`,
  }));
  const own = simulator.addAccount({
    phone: OWN,
    name: "Eu",
    contacts: [{ phone: ANA, fullName: "Ana Souza", firstName: "Ana" }, ...others],
  });
  const ana = simulator.addAccount({ phone: ANA, lid: "900001", name: "aninha" });
  const doubts: string[] = [];
  const logger: NonNullable<UserFacingSocketConfig["logger"]> = {
    ...silentLogger(),
    child: () => logger,
    warn: (_details: unknown, text?: string) => {
      if (/LTHash|decode patch|blocked|failed to sync/.test(text ?? "")) doubts.push(text ?? "");
    },
  };
  const config = { logger, options: { dispatcher: simulator.mediaDispatcher } };
  const client = await pairAndLogIn(simulator, OWN, config);
  t.onTestFinished(client.end);
  await hasKey(client);
  return { simulator, own, ana, client, config, doubts };
}

/** Compares the hash that rc14 made of what it was given with the simulator's. */
async function assertSameHash(simulator: Simulator, client: Client): Promise<void> {
  const { [CONTACTS]: mine } = await client.auth.keys.get("app-state-sync-version", [CONTACTS]);
  const account = simulator.snapshot().accounts.find(({ phone }) => phone === OWN);
  const theirs = account?.appState?.collections.find(({ name }) => name === CONTACTS);
  assert.deepEqual([mine?.version, mine?.hash.toString("base64")], [theirs?.version, theirs?.hash]);
}

/** rc14 keeps the key behind its message queue. */
async function hasKey({ sock }: Client): Promise<void> {
  if (sock.authState.creds.myAppStateKeyId) return;
  await collectEvents(sock, "creds.update").until((update) => update.myAppStateKeyId);
}

function named(name: string) {
  return (contacts: readonly Contact[]) => contacts.find((contact) => contact.name === name);
}

/** Ends a client; resolves when the simulator has seen it go. */
async function gone(simulator: Simulator, client: Client): Promise<void> {
  const disconnected = once(simulator.events, "disconnected");
  await client.end();
  await disconnected;
}

/** Sends a patch of one change as rc14's appPatch does, but from any version. */
async function push(client: Client, version: number, change: (patch: proto.ISyncdPatch) => void = () => {}) {
  const { creds, keys } = client.auth;
  const create: WAPatchCreate = {
    type: CONTACTS,
    apiVersion: 2,
    index: ["contact", "5511777777777@s.whatsapp.net"],
    operation: proto.SyncdMutation.SyncdOperation.SET,
    syncAction: { contactAction: { fullName: "Pushed" }, timestamp: Date.now() },
  };
  const { [CONTACTS]: state } = await keys.get("app-state-sync-version", [CONTACTS]);
  assert.ok(state);
  const { patch } = await encodeSyncdPatch(
    create,
    creds.myAppStateKeyId ?? "",
    { ...state, version },
    async (id) => {
      const { [id]: key } = await keys.get("app-state-sync-key", [id]);
      return key ?? null;
    },
  );
  change(patch);
  const content = [{ tag: "patch", attrs: {}, content: proto.SyncdPatch.encode(patch).finish() }];
  const collection = { tag: "collection", attrs: { name: CONTACTS, version: String(version) }, content };
  return collectionOf(
    await ask(client.sock, { to: "@s.whatsapp.net", type: "set", xmlns: "w:sync:app:state" }, [
      { tag: "sync", attrs: {}, content: [collection] },
    ]),
  );
}

function collectionOf(answer: BinaryNode | { readonly code: unknown }): BinaryNode {
  assert.ok("tag" in answer, `answered ${JSON.stringify(answer)}`);
  const collection = getBinaryNodeChild(getBinaryNodeChild(answer, "sync"), "collection");
  assert.ok(collection);
  return collection;
}

/** The answer to the pushing client: the code of the error in the collection. */
async function pushBytes({ sock }: Client, content: Uint8Array): Promise<string | undefined> {
  const patch = { tag: "patch", attrs: {}, content };
  const collection = { tag: "collection", attrs: { name: CONTACTS, version: "1" }, content: [patch] };
  const answer = await ask(sock, { to: "@s.whatsapp.net", type: "set", xmlns: "w:sync:app:state" }, [
    { tag: "sync", attrs: {}, content: [collection] },
  ]);
  return getBinaryNodeChild(collectionOf(answer), "error")?.attrs.code;
}

describe("app state", () => {
  for (const blobs of ["inline", "cdn"] as const)
    it(`gives a new device the names of the contacts and their LIDs (${blobs})`, async (t) => {
      const { simulator, client, ana, doubts } = await withContacts(t, { blobs });
      const contacts = collectEvents(client.sock, "contacts.upsert");
      const mappings = collectEvents(client.sock, "lid-mapping.update");
      await client.sock.resyncAppState(ALL_WA_PATCH_NAMES, true);
      const [contact] = await contacts.until((event) => event);
      assert.deepEqual(
        [contact?.id, contact?.name, contact?.lid, contact?.phoneNumber],
        [ANA_JID, "Ana Souza", ana.lid, ANA_JID],
      );
      assert.deepEqual(await mappings.until((event) => event), { lid: ana.lid, pn: ANA_JID });
      assert.equal(client.sock.authState.creds.me?.name, "Eu");
      assert.equal(simulator.cdn.requests.get("blob"), blobs === "cdn" ? 2 : 0);
      await assertSameHash(simulator, client);
      assert.deepEqual(doubts, []);
    });

  it("notifies a connected device of a contact saved, renamed and removed on the phone", async (t) => {
    const { simulator, own, client, doubts } = await withContacts(t);
    await client.sock.resyncAppState([CONTACTS], true);
    const contacts = collectEvents(client.sock, "contacts.upsert");
    own.saveContact({ phone: "5511888888888", fullName: "Bia" });
    await contacts.until(named("Bia"));
    own.saveContact({ phone: "5511888888888", fullName: "Beatriz" });
    await contacts.until(named("Beatriz"));
    own.removeContact({ phone: "5511888888888" });
    own.saveContact({ jid: "900077@lid", fullName: "No Number" });
    await contacts.until(named("No Number"));
    assert.deepEqual(
      own.contacts.map(({ jid, lid, phone, fullName }) => [jid, lid, phone, fullName]),
      [
        [ANA_JID, "900001@lid", ANA, "Ana Souza"],
        ["900077@lid", "900077@lid", undefined, "No Number"],
      ],
    );
    await assertSameHash(simulator, client);
    assert.deepEqual(doubts, []);
    own.removeContact({ phone: "5511888888888" });
    assert.throws(
      () => own.saveContact({ jid: "1@g.us", fullName: "?" }),
      /not the number or JID of a contact/,
    );
  });

  it("takes a client's changes, and notifies the phone and the other devices", async (t) => {
    const { simulator, own, client, config } = await withContacts(t);
    const second = await pairAndLogIn(simulator, OWN, config);
    t.onTestFinished(second.end);
    await hasKey(second);
    await second.sock.resyncAppState([CONTACTS], true);
    const contacts = collectEvents(second.sock, "contacts.upsert");
    await client.sock.addOrEditContact("5511888888888@s.whatsapp.net", { fullName: "Bia", firstName: "B" });
    await contacts.until(named("Bia"));
    assert.deepEqual(own.contacts[1], {
      jid: "5511888888888@s.whatsapp.net",
      lid: undefined,
      phone: "5511888888888",
      fullName: "Bia",
      firstName: "B",
    });
    await client.sock.removeContact("5511888888888@s.whatsapp.net");
    assert.equal(own.contacts.length, 1);
    await second.sock.chatModify({ pin: true }, ANA_JID);
  });

  it("answers a client that is behind with 409 and what it misses", async (t) => {
    const { own, client } = await withContacts(t);
    await client.sock.resyncAppState([CONTACTS], true);
    own.saveContact({ phone: "5511888888888", fullName: "Bia" });
    const answer = await push(client, 1);
    assert.deepEqual(
      [answer.attrs.type, answer.attrs.version, getBinaryNodeChild(answer, "error")?.attrs.code],
      ["error", "2", "409"],
    );
    const missed = getBinaryNodeChild(getBinaryNodeChild(answer, "patches"), "patch")?.content;
    assert.ok(missed instanceof Uint8Array);
    assert.equal(Number(proto.SyncdPatch.decode(missed).version?.version), 2);
  });

  for (const [what, change] of [
    ["patch MAC", (patch: proto.ISyncdPatch) => patch.patchMac?.fill(1)],
    ["value MAC", (patch: proto.ISyncdPatch) => patch.mutations?.[0]?.record?.value?.blob?.fill(1, 40)],
    ["index MAC", (patch: proto.ISyncdPatch) => patch.mutations?.[0]?.record?.index?.blob?.fill(1)],
    ["key", (patch: proto.ISyncdPatch) => patch.mutations?.[0]?.record?.keyId?.id?.fill(1)],
  ] as const)
    it(`refuses a patch with a wrong ${what}, and stays as it was`, async (t) => {
      const { own, client } = await withContacts(t);
      await client.sock.resyncAppState([CONTACTS], true);
      const answer = await push(client, 1, change);
      assert.deepEqual(
        [answer.attrs.type, getBinaryNodeChild(answer, "error")?.attrs.code, own.contacts.length],
        ["error", "400", 1],
      );
      assert.equal((await push(client, 1)).attrs.version, "2");
    });

  it("refuses what is no patch, or lies elsewhere", async (t) => {
    const { own, client } = await withContacts(t);
    assert.equal(await pushBytes(client, Buffer.from("no patch")), "400");
    const external = proto.SyncdPatch.encode({ externalMutations: { directPath: "/v/1" } }).finish();
    assert.equal(await pushBytes(client, external), "400");
    assert.equal(own.contacts.length, 1);
  });

  it("has room for 10,000 contacts", async (t) => {
    const simulator = await withSimulator(t);
    const contacts = Array.from({ length: 10_000 }, (_, index) => ({
      phone: String(5_521_900_000_000 + index),
      fullName: `Contact ${index}`,
    }));
    const own = simulator.addAccount({ phone: OWN, contacts });
    assert.equal(own.contacts.length, 10_000);
    assert.throws(() => own.saveContact({ phone: ANA, fullName: "Ana" }), /full/);
    own.removeContact({ phone: "5521900000000" });
    own.saveContact({ phone: ANA, fullName: "Ana" });
    assert.equal(own.contacts.length, 10_000);
  });

  it("takes a patch whose LT-hash is wrong, as WhatsApp has to, and reports it", async (t) => {
    const simulator = await withSimulator(t);
    simulator.events.removeAllListeners("error");
    simulator.addAccount({ phone: OWN, contacts: [{ phone: ANA, fullName: "Ana" }] });
    const client = await pairAndLogIn(simulator, OWN);
    t.onTestFinished(client.end);
    await hasKey(client);
    await client.sock.resyncAppState([CONTACTS], true);
    const { [CONTACTS]: state } = await client.auth.keys.get("app-state-sync-version", [CONTACTS]);
    assert.ok(state);
    state.hash = Buffer.alloc(128, 1);
    await client.auth.keys.set({ "app-state-sync-version": { [CONTACTS]: state } });
    const reported = once(simulator.events, "error");
    await client.sock.addOrEditContact("5511888888888@s.whatsapp.net", { fullName: "Bia" });
    assert.match(String((await reported)[0]), /LT-hash/);
    assert.equal(simulator.account(OWN).contacts.length, 2);
  });

  it("gives many patches in parts, and a snapshot to a client that lags behind by more than it keeps", async (t) => {
    const { simulator, own, client, config } = await withContacts(t, {}, 200);
    await client.sock.resyncAppState([CONTACTS], true);
    await gone(simulator, client);
    for (let index = 0; index < 120; index++)
      own.saveContact({ phone: "5511888888888", fullName: `Bia ${index}` });
    const waiting = simulator.snapshot().accounts[0]?.devices[0]?.offline ?? "[]";
    assert.equal(JSON.parse(waiting).length, 1, "one notification, of the last version");
    const again = connect(simulator, client.auth, config);
    await collectEvents(again.sock, "contacts.upsert").until(named("Bia 119"));
    await again.opened();
    const before = simulator.received.get("iq w:sync:app:state set");
    await gone(simulator, again);
    for (let index = 0; index < 501; index++)
      own.saveContact({ phone: "5511888888888", fullName: `Beatriz ${index}` });
    const onceMore = connect(simulator, client.auth, config);
    await collectEvents(onceMore.sock, "contacts.upsert").until(named("Beatriz 500"));
    await onceMore.opened();
    assert.equal(before, 4, "one for the first sync, and three of 50 patches with the rest");
    assert.equal(simulator.cdn.requests.get("blob"), 1);
    await onceMore.end();
  });

  it("gives a snapshot to a client that asks for one although it has a version", async (t) => {
    const { simulator, client } = await withContacts(t);
    await client.sock.resyncAppState([CONTACTS], true);
    const attrs = { name: CONTACTS, version: "1", return_snapshot: "true" };
    const answer = collectionOf(
      await ask(client.sock, { to: "@s.whatsapp.net", type: "set", xmlns: "w:sync:app:state" }, [
        { tag: "sync", attrs: {}, content: [{ tag: "collection", attrs }] },
      ]),
    );
    const content = getBinaryNodeChild(answer, "snapshot")?.content;
    assert.ok(content instanceof Uint8Array);
    const { directPath } = proto.ExternalBlobReference.decode(content);
    assert.equal((await fetch(simulator.mediaUrl + directPath)).status, 200);
    simulator.clock.advance(86_401);
    assert.equal((await fetch(simulator.mediaUrl + directPath)).status, 403);
  });

  it("refuses collections and versions that cannot be", async (t) => {
    const { client } = await withContacts(t);
    for (const attrs of [
      { name: "unheard_of", version: "0" },
      { name: CONTACTS, version: "-1" },
    ]) {
      const answer = collectionOf(
        await ask(client.sock, { to: "@s.whatsapp.net", type: "set", xmlns: "w:sync:app:state" }, [
          { tag: "sync", attrs: {}, content: [{ tag: "collection", attrs }] },
        ]),
      );
      assert.equal(getBinaryNodeChild(answer, "error")?.attrs.code, "400");
    }
  });

  it("outlives a restart, and counts more than the description", async (t) => {
    const { simulator, own, client } = await withContacts(t);
    await client.sock.resyncAppState([CONTACTS], true);
    await gone(simulator, client);
    own.saveContact({ phone: "5511888888888", fullName: "Bia" });
    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    await simulator.stop();
    const after = await withSimulator(t, { state });
    const account = after.addAccount({ phone: OWN, contacts: [{ phone: "1", fullName: "Not counted" }] });
    assert.deepEqual(
      account.contacts.map(({ fullName }) => fullName),
      ["Ana Souza", "Bia"],
    );
    const again = connect(after, client.auth);
    const contacts = collectEvents(again.sock, "contacts.upsert");
    await again.opened();
    await contacts.until(named("Bia"));
    account.saveContact({ phone: "5511777777777", fullName: "Caio" });
    await contacts.until(named("Caio"));
    await again.end();
  });

  it("reaches a device whose state an older simulator wrote, at its next login", async (t) => {
    const { simulator, client } = await withContacts(t);
    await gone(simulator, client);
    const { accounts, ...rest } = simulator.snapshot();
    const older = accounts.map(({ appState, profile, blocked, privacyTokens, keys, ...account }) => ({
      ...account,
      ...keys,
      devices: account.devices.map(({ welcomed, ...device }) => device),
    }));
    await simulator.stop();
    const after = await withSimulator(t, { state: { ...rest, accounts: older } });
    const keysOf = (state: SimulatorState) => state.accounts.map(({ phone, keys }) => [phone, keys]);
    assert.deepEqual(keysOf(after.snapshot()), keysOf({ ...rest, accounts }));
    after.addAccount({ phone: OWN, contacts: [{ phone: ANA, fullName: "Ana again" }] });
    const again = connect(after, client.auth);
    const contacts = collectEvents(again.sock, "contacts.upsert");
    const before = again.auth.creds.myAppStateKeyId;
    const updates = collectEvents(again.sock, "creds.update");
    await again.opened();
    await updates.until(({ myAppStateKeyId: id }) => (id !== undefined && id !== before ? id : undefined));
    await again.sock.resyncAppState([CONTACTS], true);
    await contacts.until(named("Ana again"));
    await again.end();
  });
});
