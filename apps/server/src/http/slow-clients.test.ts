import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import { assertInvalid, at, dataOf } from "../test-support/call.ts";
import { captureLog } from "../test-support/captured-log.ts";
import { answerIn, openRawSocket, type RawSocket } from "../test-support/raw-socket.ts";
import { startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";

/** Waits for the refusal and the end of the connection. */
async function assertCut({ closed }: RawSocket): Promise<void> {
  const answer = answerIn(await closed);
  assertInvalid(answer, "request");
  assert.equal(answer.headers.get("connection"), "close");
  assert.equal(answer.headers.get("cache-control"), "no-store");
}

describe("A client that is too slow to send", { timeout: 25_000 }, () => {
  let world: World;
  /** Waits for the headers as long as for the rest. */
  let patient: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_HEADERS_TIMEOUT_MS: "200", WUTS_REQUEST_TIMEOUT_MS: "600000" });
    patient = await startWorld({ WUTS_HEADERS_TIMEOUT_MS: "400", WUTS_REQUEST_TIMEOUT_MS: "400" });
  });
  afterAll(async () => {
    for (const each of [world, patient]) {
      dataOf(await each.call("/devices"));
      await each.stop();
    }
  });

  const requestLine = "GET /devices HTTP/1.1\r\nHost: x\r\n";

  for (const [what, text] of [
    ["nothing at all", ""],
    ["half a request line", "GET /dev"],
    ["headers without an end", requestLine],
  ] as const) {
    it(`is cut off when it sends ${what}`, async () => {
      const startedAt = performance.now();
      const client = await openRawSocket(world.url);
      client.socket.write(text);
      await assertCut(client);
      assert.ok(performance.now() - startedAt >= 190, "it has the time that it may take");
    });
  }

  it("is cut off when it sends a header now and then", async () => {
    const client = await openRawSocket(world.url);
    client.socket.write(requestLine);
    const dripping = setInterval(() => client.socket.write("X-More: x\r\n"), 20);
    await assertCut(client).finally(() => clearInterval(dripping));
  });

  it("is cut off when it sends its second request so", async () => {
    const client = await openRawSocket(world.url);
    client.socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(client.socket, "data");
    client.socket.write(requestLine);
    assert.match(await client.closed, /^HTTP\/1\.1 200 .*HTTP\/1\.1 400 .*did not arrive in time/s);
  });

  const post = (token: string) =>
    `POST /devices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;

  it("is cut off when its body does not come", async () => {
    const client = await openRawSocket(patient.url);
    client.socket.write(`${post(patient.token)}Content-Length: 20\r\n\r\n{"name"`);
    await assertCut(client);
  });

  it("is cut off when its body comes bit by bit", async () => {
    const client = await openRawSocket(patient.url);
    client.socket.write(`${post(patient.token)}Transfer-Encoding: chunked\r\n\r\n`);
    const dripping = setInterval(() => client.socket.write("1\r\n \r\n"), 20);
    await assertCut(client).finally(() => clearInterval(dripping));
  });
});

describe("A client that waits", { timeout: 25_000 }, () => {
  it("is not cut off while its answer is being made, however long that takes", async (t) => {
    const world = await startWorld({ WUTS_HEADERS_TIMEOUT_MS: "100", WUTS_REQUEST_TIMEOUT_MS: "100" });
    t.onTestFinished(() => world.stop());
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    await world.pairedDevice(owner);
    world.simulator.faults.latency(1_000, "iq w:profile:picture get");
    dataOf(await world.call(`/contacts/profile-picture?number=${ana}`));
  });

  it("may keep its connection without asking for anything", async (t) => {
    const world = await startWorld({ WUTS_HEADERS_TIMEOUT_MS: "100", WUTS_REQUEST_TIMEOUT_MS: "100" });
    t.onTestFinished(() => world.stop());
    const idle = await openRawSocket(world.url);
    const ask = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    idle.socket.write(ask);
    await once(idle.socket, "data");
    // By the time that this one is cut off, so would be the other if it ever was.
    await assertCut(await openRawSocket(world.url));
    await assertCut(await openRawSocket(world.url));
    idle.socket.write(ask);
    await once(idle.socket, "data");
    assert.equal(idle.received.match(/HTTP\/1\.1 200 /g)?.length, 2);
    idle.socket.destroy();
  });
});

describe("A client that does not read its answer", { timeout: 25_000 }, () => {
  /** A server whose contract is too large for what the system keeps for a client, and the lines of its log. */
  async function largeAnswers(t: TestContext, timeoutMs: number) {
    const { log, untilLogged } = captureLog();
    const world = await startWorld(
      { WUTS_HEADERS_TIMEOUT_MS: `${timeoutMs}`, WUTS_REQUEST_TIMEOUT_MS: `${timeoutMs}` },
      {
        overrides: {
          log,
          handlers: { getContractYaml: () => ({ status: 200, body: "x".repeat(64_000_000) }) },
        },
      },
    );
    t.onTestFinished(() => world.stop());
    const untilAnswered = () => untilLogged((line) => at(line, "operation") === "getContractYaml");
    return { world, untilAnswered };
  }

  it("is cut off", async (t) => {
    const { world, untilAnswered } = await largeAnswers(t, 200);
    const client = await openRawSocket(world.url);
    client.socket.pause();
    client.socket.write("GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.partialDeepStrictEqual(await untilAnswered(), { status: 200, aborted: true });
    client.socket.destroy();
    dataOf(await world.call("/devices"));
  });

  it("is not, if it reads, however slowly", async (t) => {
    const timeoutMs = 1_000;
    const { world, untilAnswered } = await largeAnswers(t, timeoutMs);
    const startedAt = performance.now();
    const response = await fetch(`${world.url}/openapi.yaml`);
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      await setTimeout(4);
    }
    assert.equal(length, 64_000_000);
    assert.ok(performance.now() - startedAt > 2 * timeoutMs);
    assert.equal(at(await untilAnswered(), "aborted"), undefined);
  });
});

describe("Connections beyond WUTS_MAX_CONNECTIONS", { timeout: 25_000 }, () => {
  it("are closed at once, and taken again when others have gone", async (t) => {
    const world = await startWorld({ WUTS_MAX_CONNECTIONS: "2" });
    t.onTestFinished(() => world.stop());
    const ask = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    const open = async () => {
      const client = await openRawSocket(world.url);
      client.socket.write(ask);
      await Promise.race([once(client.socket, "data"), client.closed]);
      return client;
    };
    const [one, two] = [await open(), await open()];
    const three = await open();
    assert.equal(await three.closed, "");
    one.socket.write(ask);
    await once(one.socket, "data");
    one.socket.end();
    await one.closed;
    let next = await open();
    // The server may not have seen the end of the other one yet.
    while (next.received === "") next = await open();
    for (const { socket } of [next, two]) socket.destroy();
  });
});
