import assert from "node:assert/strict";
import { once } from "node:events";
import { type BinaryNode, getBinaryNodeChild } from "@whiskeysockets/baileys";
import { describe, it } from "vitest";
import { WebSocket } from "ws";
import { ask, connect, newAuth, pairAndLogIn, queryPicture } from "../test-support/baileys-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

const PHONE = "5511999999999";
const JID = `${PHONE}@s.whatsapp.net`;
const PICTURE_QUERY = "iq w:profile:picture get";

describe("faults", () => {
  it("latency delays the answers that match, and adds up", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE, picture: { id: "1" } });
    const { sock, end } = await pairAndLogIn(simulator, PHONE);
    const undoAll = [simulator.faults.latency(60), simulator.faults.latency(60, PICTURE_QUERY)];
    const start = performance.now();
    const answered: string[] = [];
    await Promise.all([
      queryPicture(sock, JID).then(() => answered.push("picture")),
      ask(sock, { to: "@s.whatsapp.net", type: "get", xmlns: "w:p" }, []).then(() => answered.push("ping")),
    ]);
    assert.ok(performance.now() - start >= 115, "60 ms and 60 ms");
    assert.deepEqual(answered, ["ping", "picture"]);
    for (const undo of undoAll) undo();
    assert.ok("tag" in (await queryPicture(sock, JID)));
    await end();
  });

  it("latency delays the handshake too", async (t) => {
    const simulator = await withSimulator(t);
    simulator.faults.latency(80);
    const start = performance.now();
    const client = connect(simulator);
    await client.qr();
    assert.ok(performance.now() - start >= 75);
    await client.end();
  });

  it("wrongClock dates the answers of HTTP wrongly, the handshake's too", async (t) => {
    const simulator = await withSimulator(t);
    const undo = simulator.faults.wrongClock(-3_600_000);
    const aheadOf = (date: unknown) => Date.parse(String(date)) - Date.now();
    const dates = async () => {
      const socket = new WebSocket(simulator.url);
      const [answer] = await once(socket, "upgrade");
      socket.terminate();
      const plain = await fetch(simulator.url.replace("ws:", "http:"));
      return [aheadOf(answer.headers.date), aheadOf(plain.headers.get("date"))];
    };
    for (const ahead of await dates()) assert.ok(Math.abs(ahead + 3_600_000) < 60_000, `${ahead} ms`);
    undo();
    for (const ahead of await dates()) assert.ok(Math.abs(ahead) < 60_000, `${ahead} ms`);
  });

  it("silence swallows what matches, and counts it", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE, picture: { id: "1" } });
    const { sock, end } = await pairAndLogIn(simulator, PHONE);
    const undo = simulator.faults.silence(PICTURE_QUERY);
    assert.deepEqual(await queryPicture(sock, JID, {}, 50), { code: 408 });
    assert.equal(simulator.received.get(PICTURE_QUERY), 1);
    await sock.fetchBlocklist();
    undo();
    assert.ok("tag" in (await queryPicture(sock, JID)));
    await end();
  });

  it("silence towards one device only, by a predicate of stanza and connection", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE, picture: { id: "1" } });
    const first = await pairAndLogIn(simulator, PHONE);
    const second = await pairAndLogIn(simulator, PHONE);
    simulator.faults.silence((_stanza, { phone, deviceId }) => phone === PHONE && deviceId === 1);
    assert.deepEqual(await queryPicture(first.sock, JID, {}, 50), { code: 408 });
    assert.ok("tag" in (await queryPicture(second.sock, JID)));
    await Promise.all([first.end(), second.end()]);
  });

  it("answers what matches with an error", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE, picture: { id: "1" } });
    const { sock, end } = await pairAndLogIn(simulator, PHONE);
    simulator.faults.answerError(PICTURE_QUERY, 429);
    assert.deepEqual(await queryPicture(sock, JID), { code: 429 });
    simulator.faults.answerError(({ attrs }) => attrs.target === JID, 503, "try later");
    assert.deepEqual(await queryPicture(sock, JID), { code: 503 }, "the newest fault wins");
    simulator.faults.reset();
    assert.ok("tag" in (await queryPicture(sock, JID)));
    await end();
  });

  it("answers what matches with something not understood", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE, picture: { id: "1" } });
    const { sock, end } = await pairAndLogIn(simulator, PHONE);
    simulator.faults.malformed("iq usync get");
    assert.deepEqual(await sock.onWhatsApp(PHONE), []);
    const odd: BinaryNode = { tag: "picture", attrs: { id: "" } };
    simulator.faults.malformed(PICTURE_QUERY, [odd]);
    const answer = await queryPicture(sock, JID);
    assert.ok("tag" in answer);
    assert.equal(getBinaryNodeChild(answer, "picture")?.attrs.id, "");
    await end();
  });

  it("mutes the handshake: the socket opens and nothing else happens", async (t) => {
    const simulator = await withSimulator(t);
    const undo = simulator.faults.muteHandshake();
    const { code } = await connect(simulator, newAuth(), { connectTimeoutMs: 500 }).closed;
    assert.equal(code, 408);
    undo();
    const client = connect(simulator);
    await client.qr();
    await client.end();
  });

  it("sends a stanza behind the answer to each one that matches, with an id of its own", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const { sock, end } = await pairAndLogIn(simulator, PHONE);
    const acknowledged: string[] = [];
    const twice = new Promise<void>((resolve) =>
      simulator.events.on("stanza", ({ stanza: { tag, attrs } }) => {
        if (tag !== "ack" || attrs.type !== "made_up") return;
        acknowledged.push(attrs.id ?? "");
        if (acknowledged.length === 2) resolve();
      }),
    );
    const undo = simulator.faults.followUp("iq w:stats set", {
      tag: "notification",
      attrs: { from: "@s.whatsapp.net", type: "made_up", t: "1" },
    });
    const say = () => ask(sock, { to: "@s.whatsapp.net", type: "set", xmlns: "w:stats" }, []);
    await say();
    await say();
    await twice;
    undo();
    await say();
    await ask(sock, { to: "@s.whatsapp.net", type: "get", xmlns: "w:p" }, []);
    assert.equal(new Set(acknowledged).size, 2);
    assert.equal(acknowledged.length, 2);
    await end();
  });
});
