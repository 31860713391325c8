import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, it } from "vitest";
import { startSimulator } from "./simulator.ts";
import { connect, pairAndLogIn, queryPicture } from "./test-support/baileys-client.ts";
import { withSimulator } from "./test-support/with-simulator.ts";
import { listen } from "./wire/listen.ts";

const PHONE = "5511999999999";

describe("stop()", () => {
  it("leaves nothing that keeps a process alive, and ends every wait", async () => {
    const script = fileURLToPath(new URL("./test-support/start-and-stop.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 50_000 });
    assert.equal(stdout, '["SimulatorStopped","SimulatorStopped"]');
  });

  it("cuts its clients off and frees its ports", async () => {
    const simulator = await startSimulator();
    simulator.addAccount({ phone: PHONE });
    const client = await pairAndLogIn(simulator, PHONE);
    await simulator.stop();
    assert.equal((await client.closed).code, 428);
    await assert.rejects(fetch(simulator.mediaUrl));
    const port = Number(new URL(simulator.url).port);
    const again = await startSimulator({ port });
    assert.equal(again.url, simulator.url);
    await again.stop();
  });
});

describe("startSimulator()", () => {
  it("fails when a port is taken, and leaves nothing running", async (t) => {
    const other = createServer();
    const port = await listen(other, 0);
    t.onTestFinished(() => void other.close());
    await assert.rejects(startSimulator({ port }), { code: "EADDRINUSE" });
    await assert.rejects(startSimulator({ mediaPort: port }), { code: "EADDRINUSE" });
  });

  it("refuses invalid accounts and groups", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    assert.throws(() => simulator.addAccount({ phone: PHONE }), /already/);
    assert.throws(() => simulator.addAccount({ phone: "+5511" }), /digits/);
    assert.throws(() => simulator.account("5511000000000"), /no account/);
    assert.throws(() => simulator.addGroup({ jid: "Vizinhos", subject: "Vizinhos" }), /not a group's JID/);
    simulator.addGroup({ jid: "1-2@g.us", subject: "a" });
    assert.throws(() => simulator.addGroup({ jid: "1-2@g.us", subject: "b" }), /already/);
    assert.equal(simulator.group("1-2@g.us").subject, "a");
  });

  it("starts several that know nothing of each other", async (t) => {
    const [one, two] = [await withSimulator(t), await withSimulator(t)];
    one.addAccount({ phone: PHONE, picture: { id: "1" } });
    two.addAccount({ phone: PHONE, picture: { id: "2" } });
    const [first, second] = [await pairAndLogIn(one, PHONE), await pairAndLogIn(two, PHONE)];
    one.faults.answerError("iq w:profile:picture get", 429);
    assert.deepEqual(await queryPicture(first.sock, `${PHONE}@s.whatsapp.net`), { code: 429 });
    assert.ok("tag" in (await queryPicture(second.sock, `${PHONE}@s.whatsapp.net`)));
    assert.equal(two.received.get("iq w:profile:picture get"), 1);
    assert.equal((await connect(two, first.auth).closed).code, 401);
    await Promise.all([first.end(), second.end()]);
  });

  it("survives a client that speaks something else, and says so", async () => {
    const simulator = await startSimulator();
    const reported = new Promise<Error>((resolve) => simulator.events.once("error", resolve));
    const socket = new WebSocket(simulator.url);
    const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("open", () => socket.send("GET / HTTP/1.1"));
    const { name, message } = await reported;
    assert.equal(name, "ClientNotSupported");
    const { code, reason } = await closed;
    assert.deepEqual([code, reason], [1002, message]);
    assert.match(reason, /begins with 57410603/);
    assert.equal((await fetch(simulator.url.replace("ws:", "http:"))).status, 426);
    await simulator.stop();
  });
});
