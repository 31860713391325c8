import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, it, type TestContext, vi } from "vitest";
import { createWuts, type WutsOptions } from "./index.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";

describe("wuts.contacts.lookUpProfilePicturesStream", () => {
  it("asks when reading begins, for lines, with the parameters, the token and the headers", async (t) => {
    const server = await answering(t, (response) => response.end(line(1)));
    const { contacts } = server.wuts();
    const headers = { "X-Request-Id": "mine" };
    const lines = contacts.lookUpProfilePicturesStream({ numbers: ["1"], device_id: "x" }, { headers });
    assert.equal(server.requests.length, 0);
    await lines.next();
    const [request] = server.requests;
    assert.equal(request?.url, "/contacts/profile-pictures?device_id=x");
    assert.partialDeepStrictEqual(request?.headers, {
      accept: "application/x-ndjson",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "x-request-id": "mine",
    });
    assert.deepEqual(server.bodies, ['{"numbers":["1"]}']);
  });

  it("reads lines however they are cut into pieces", async (t) => {
    const texts = fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 4 });
    const cuts = fc.array(fc.nat(), { maxLength: 8 });
    let pieces: Buffer[] = [];
    const server = await answering(t, async (response) => {
      for (const piece of pieces) {
        await new Promise((resolve) => response.write(piece, resolve));
        // So that pieces arrive as pieces.
        await new Promise(setImmediate);
      }
      response.end();
    });
    await fc.assert(
      fc.asyncProperty(texts, cuts, fc.boolean(), async (wanted, at, isEnded) => {
        const sent = Buffer.from(
          wanted
            .map(line)
            .join("")
            .slice(0, isEnded ? undefined : -1),
        );
        const places = [0, ...at.map((one) => one % sent.length).sort((a, b) => a - b), sent.length];
        pieces = places.slice(1).map((end, index) => sent.subarray(places[index], end));
        const found: unknown[] = await collect(server.wuts());
        assert.deepEqual(found, wanted);
      }),
      { numRuns: 50 },
    );
  });

  for (const [what, answer] of [
    [
      "an answer in one piece",
      (response) => response.setHeader("Content-Type", "application/json").end("{}"),
    ],
    ["a line that is no JSON", (response) => response.end("{\n")],
    ["a line without the envelope", (response) => response.end('{"done":1}\n')],
    ["nothing", (response) => response.setHeader("Content-Length", 0).end()],
  ] satisfies [string, Answer][]) {
    it(`throws UNEXPECTED_ANSWER for ${what}`, async (t) => {
      const server = await answering(t, answer);
      await assert.rejects(collect(server.wuts()), { name: "WutsError", code: "UNEXPECTED_ANSWER" });
    });
  }

  it("throws NETWORK_ERROR when the connection is cut", async (t) => {
    const server = await answering(t, (response) => response.write(line(1), () => response.destroy()));
    const lines = server.wuts().contacts.lookUpProfilePicturesStream({ numbers: ["1"] });
    await lines.next();
    await assert.rejects(lines.next(), { name: "WutsConnectionError", status: 0, code: "NETWORK_ERROR" });
  });

  it("ends the work when the caller stops reading", async (t) => {
    const server = await answering(t, (response) => response.write(line(1)));
    const lines = server.wuts().contacts.lookUpProfilePicturesStream({ numbers: ["1"] });
    for await (const _ of lines) break;
    await server.closed;
  });

  it("ends with ABORTED by the caller's signal, before and between lines", async (t) => {
    const server = await answering(t, (response) => response.write(line(1)));
    const { contacts } = server.wuts();
    const before = contacts.lookUpProfilePicturesStream({ numbers: ["1"] }, { signal: AbortSignal.abort() });
    await assert.rejects(before.next(), { name: "WutsAbortError", code: "ABORTED" });
    const gone = new AbortController();
    const between = contacts.lookUpProfilePicturesStream({ numbers: ["1"] }, { signal: gone.signal });
    await between.next();
    const next = between.next();
    gone.abort();
    await assert.rejects(next, { name: "WutsAbortError", code: "ABORTED" });
    await server.closed;
  });

  it("throws TIMED_OUT when the answer does not begin in time, or a line does not come in time", async (t) => {
    const silent = await answering(t, () => undefined);
    await assert.rejects(collect(silent.wuts({ timeoutMs: 50 })), { code: "TIMED_OUT" });
    const stopping = await answering(t, (response) => response.write(line(1)));
    const lines = stopping.wuts({ timeoutMs: 200 }).contacts.lookUpProfilePicturesStream({ numbers: ["1"] });
    await lines.next();
    await assert.rejects(lines.next(), { name: "WutsTimeoutError", code: "TIMED_OUT" });
    await stopping.closed;
  });

  it("gives the caller any time between two lines, and many lines more than one needs", async (t) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    t.onTestFinished(() => void vi.useRealTimers());
    const responses: ServerResponse[] = [];
    const server = await answering(t, (response) => {
      responses.push(response);
      response.write(line(0));
    });
    const lines = server.wuts({ timeoutMs: 1_000 }).contacts.lookUpProfilePicturesStream({ numbers: ["1"] });
    for (let index = 0; index < 5; index += 1) {
      assert.equal((await lines.next()).value, index);
      vi.advanceTimersByTime(10_000);
      responses[0]?.write(line(index + 1));
    }
    await lines.return(undefined);
  });
});

type Answer = (response: ServerResponse) => unknown;

/** A server that sends lines as it is told, until the test is over. */
async function answering(t: TestContext, answer: Answer) {
  const requests: IncomingMessage[] = [];
  const bodies: string[] = [];
  const closed = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    requests.push(request);
    bodies.push(await text(request));
    response.once("close", () => closed.resolve());
    response.setHeader("Content-Type", "application/x-ndjson");
    await answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const baseUrl = `http://127.0.0.1:${address.port}`;
  return {
    requests,
    bodies,
    closed: closed.promise,
    wuts: (options: Partial<WutsOptions> = {}) => createWuts({ baseUrl, token, ...options }),
  };
}

async function collect({ contacts }: ReturnType<typeof createWuts>): Promise<unknown[]> {
  const found = [];
  for await (const data of contacts.lookUpProfilePicturesStream({ numbers: ["1"] })) found.push(data);
  return found;
}

function line(data: unknown): string {
  return `${JSON.stringify({ success: true, data })}\n`;
}
