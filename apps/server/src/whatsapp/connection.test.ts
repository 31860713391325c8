import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type Account, startSimulator } from "@wuts/whatsapp-simulator";
import { pino } from "pino";
import { credentialsIn } from "../storage/credentials.ts";
import { databaseWithDevice } from "../test-support/temporary-database.ts";
import { nextEvent } from "../test-support/until.ts";
import type { Close } from "./close-reasons.ts";
import { type Connection, type ConnectionListener, openConnection } from "./connection.ts";
import { pictureQuery } from "./picture-stanza.ts";
import { loadStoredAuth } from "./stored-auth.ts";

const owner = "5511900000000";

/** A connection that is logged in, to a WhatsApp that notes which acknowledgements of pictures come. */
async function loggedIn(t: TestContext, pictureChanged: ConnectionListener["pictureChanged"]) {
  const simulator = await startSimulator();
  t.after(() => simulator.stop());
  const account: Account = simulator.addAccount({ phone: owner });
  const acks: unknown[] = [];
  simulator.events.on("stanza", ({ stanza: { tag, attrs } }) => {
    if (tag === "ack" && attrs.type === "picture") acks.push(attrs.to);
  });
  const { database, keyRing, device } = await databaseWithDevice(t);
  const credentials = credentialsIn(database, keyRing, device.id, () => undefined);
  const options = { url: simulator.url, version: undefined, timeoutMs: 5_000, connectTimeoutMs: 5_000 };
  const log = pino({ level: "silent" });
  const open = async () => {
    const auth = await loadStoredAuth(credentials);
    const [closed, opened] = [Promise.withResolvers<Close>(), Promise.withResolvers<void>()];
    const connection: Connection = openConnection(options, auth, log, {
      qr: (text) => void account.scanQr(text),
      opened: opened.resolve,
      contacts: () => undefined,
      pictureChanged,
      closed: closed.resolve,
    });
    t.after(() => connection.close());
    return { connection, auth, opened: opened.promise, closed: closed.promise };
  };
  const pairing = await open();
  await pairing.closed;
  await pairing.auth.pendingWrites();
  const client = await open();
  await client.opened;
  return { simulator, account, acks, ...client };
}

describe("a connection that hears of a changed picture", () => {
  it("tells WhatsApp that it has heard of it when that is noted, and nothing else before", async (t) => {
    const [told, noted] = [Promise.withResolvers<unknown>(), Promise.withResolvers<void>()];
    const { simulator, account, acks, connection } = await loggedIn(t, (whose) => {
      told.resolve(whose);
      return noted.promise;
    });
    account.setPicture({ id: "1" });
    assert.equal(await told.promise, account.jid);
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
