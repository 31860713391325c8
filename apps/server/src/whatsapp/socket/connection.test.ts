import assert from "node:assert/strict";
import { type Account, startSimulator } from "@wuts/whatsapp-simulator";
import { pino } from "pino";
import { describe, it, type TestContext } from "vitest";
import { pictureQuery } from "../../features/pictures/picture-stanza.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { nextEvent } from "../../test-support/until.ts";
import { credentialRepository } from "../auth/credentials.repository.ts";
import { loadStoredAuth, type StoredAuth } from "../auth/stored-auth.ts";
import type { Close } from "./close-reasons.ts";
import { type Connection, openConnection, type WhatsAppOptions } from "./connection.ts";

const owner = "5511900000000";
const usualProbe = { intervalMs: 30_000, timeoutMs: 10_000 };

/** A connection that is logged in, to a WhatsApp that notes which acknowledgements of pictures come. */
async function loggedIn(t: TestContext, pictureChanged: (whose: string | undefined) => Promise<void>) {
  const simulator = await startSimulator();
  t.onTestFinished(() => simulator.stop());
  const account: Account = simulator.addAccount({ phone: owner });
  const acks: unknown[] = [];
  simulator.events.on("stanza", ({ stanza: { tag, attrs } }) => {
    if (tag === "ack" && attrs.type === "picture") acks.push(attrs.to);
  });
  const { database, keyRing, device } = await databaseWithDevice(t);
  const credentials = credentialRepository(database, keyRing, device.id);
  const options = { url: simulator.url, version: undefined, timeoutMs: 5_000, connectTimeoutMs: 5_000 };
  const log = pino({ level: "silent" });
  const open = async (
    probe: WhatsAppOptions["probe"] = usualProbe,
    pendingWrites?: StoredAuth["pendingWrites"],
  ) => {
    const stored = await loadStoredAuth(credentials);
    const auth = { ...stored, ...(pendingWrites && { pendingWrites }) };
    const [closed, opened] = [Promise.withResolvers<Close>(), Promise.withResolvers<void>()];
    const listener = {
      qr: (text: string) => void account.scanQr(text),
      linked: () => undefined,
      passkeyRequired: () => undefined,
      codeExpired: () => undefined,
      opened: opened.resolve,
      heard: () => undefined,
      closed: closed.resolve,
    };
    const connection: Connection = openConnection({
      options: { ...options, probe },
      auth,
      log,
      listener,
      confirmed: () => undefined,
      subscribe: (events) =>
        events.onStanza("notification,type:picture", ({ attrs }) => pictureChanged(attrs.from)),
    });
    t.onTestFinished(() => connection.close());
    return { connection, auth, opened: opened.promise, closed: closed.promise };
  };
  const pairing = await open();
  await pairing.closed;
  await pairing.auth.pendingWrites();
  const client = await open();
  await client.opened;
  return { simulator, account, acks, open, ...client };
}

describe("a connection that hears of a changed picture", () => {
  it("tells WhatsApp that it has heard of it when that is noted, and nothing else before", async (t) => {
    const [reported, noted] = [Promise.withResolvers<unknown>(), Promise.withResolvers<void>()];
    const { simulator, account, acks, connection } = await loggedIn(t, (whose) => {
      reported.resolve(whose);
      return noted.promise;
    });
    account.setPicture({ id: "1" });
    assert.equal(await reported.promise, account.jid);
    const question = pictureQuery({ target: `${owner}@s.whatsapp.net`, size: "image" });
    const answered = connection.query(question, 5_000);
    const asked = () => simulator.received.get("iq w:profile:picture get");
    // What is sent at once arrives before that.
    for (let round = 0; round < 3; round += 1) await fetch(simulator.mediaUrl);
    assert.deepEqual([asked(), acks], [0, []]);
    const acknowledged = nextEvent(
      simulator.events,
      "stanza",
      ({ stanza }) => stanza.attrs.type === "picture",
    );
    noted.resolve();
    await acknowledged;
    assert.equal((await answered).refused, false);
    assert.deepEqual([asked(), acks], [1, [account.jid]]);
  });

  it("gives up when it cannot be noted, so that WhatsApp says it again", async (t) => {
    const failing = () => Promise.reject(new Error("disk full"));
    const { simulator, account, acks, closed } = await loggedIn(t, failing);
    const gone = nextEvent(simulator.events, "disconnected");
    account.setPicture({ id: "1" });
    await gone;
    assert.notEqual((await closed).reason, "requested");
    assert.deepEqual(acks, []);
  });
});

describe("a connection that is asked", () => {
  it("leaves the stacks of errors as they are", async (t) => {
    const { connection } = await loggedIn(t, async () => undefined);
    const before = Error.stackTraceLimit;
    assert.ok(before > 0);
    const question = pictureQuery({ target: `${owner}@s.whatsapp.net`, size: "image" });
    for (let time = 0; time < 3; time += 1) {
      const answered = connection.query(question, 5_000);
      assert.equal(Error.stackTraceLimit, before);
      await answered;
      assert.equal(Error.stackTraceLimit, before);
    }
  });

  it("answers nothing any more when it has ended, at once", async (t) => {
    const { simulator, connection } = await loggedIn(t, async () => undefined);
    simulator.faults.silence();
    const question = pictureQuery({ target: `${owner}@s.whatsapp.net`, size: "image" });
    const asked = connection.query(question, 60_000);
    const refused = assert.rejects(asked, { name: "DeviceNotReady" });
    await connection.close();
    await refused;
    await assert.rejects(connection.query(question, 60_000), { name: "DeviceNotReady" });
  });

  it("answers nothing while it closes, until it is known to have ended: the device would be asked again", async (t) => {
    const { connection, closed } = await loggedIn(t, async () => undefined);
    const order: string[] = [];
    const reported = closed.then(() => order.push("closed"));
    const closing = connection.close();
    const question = pictureQuery({ target: `${owner}@s.whatsapp.net`, size: "image" });
    await assert.rejects(connection.query(question, 60_000), { name: "DeviceNotReady" });
    order.push("refused");
    await Promise.all([closing, reported]);
    assert.deepEqual(order, ["closed", "refused"]);
  });
});

describe("a connection on which nothing is heard", () => {
  it("sends nothing before the handshake is over: it would be in the clear", async (t) => {
    const { connection, open } = await loggedIn(t, async () => undefined);
    await connection.close();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    let isHeld = false;
    const probe = {
      /** First looked at when WhatsApp has begun the handshake. What it is to be answered with is held back. */
      get intervalMs() {
        isHeld = true;
        return 20;
      },
      /** Looked at when a sign of life would be asked for. */
      get timeoutMs() {
        release();
        return 60_000;
      },
    };
    const again = await open(probe, () => (isHeld ? held : undefined));
    const opened = again.opened.then(() => "opened");
    assert.equal(await Promise.race([opened, again.closed]), "opened");
  });

  it("asks for no sign of life any more when it has ended", async (t) => {
    let looks = 0;
    const probe = {
      get intervalMs() {
        looks += 1;
        return 100;
      },
      timeoutMs: 60_000,
    };
    const { connection, open } = await loggedIn(t, async () => undefined);
    await connection.close();
    const again = await open(probe);
    await again.opened;
    await again.connection.close();
    const before = looks;
    assert.ok(before > 0);
    // Takes longer than the interval.
    await loggedIn(t, async () => undefined);
    assert.equal(looks, before);
  });
});
