import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, describe, it } from "node:test";
import { connectionCounts, runBench } from "./bench.ts";
import { applyLoad } from "./load.ts";
import { readOptions } from "./options.ts";
import { median, percentile } from "./statistics.ts";
import { table } from "./table.ts";
import { variantKeys } from "./variants.ts";

const never = new AbortController().signal;

describe("a run", { timeout: 300_000 }, () => {
  it("measures every variant at every number of connections, without a failure", async () => {
    const result = await runBench(
      { limit: { requests: 2 * Math.max(...connectionCounts) }, rounds: 1 },
      never,
    );
    assert.deepEqual(
      result.rows.map(({ connections, variant }) => [connections, variant]),
      connectionCounts.flatMap((connections) => variantKeys.map((variant) => [connections, variant])),
    );
    for (const row of result.rows) {
      assert.equal(row.rounds.length, 1);
      assert.ok(row.answersPerSecond > 0 && row.p50Ms > 0 && row.p99Ms >= row.p50Ms, JSON.stringify(row));
      // Every answer had a query of its own.
      assert.ok(row.pictureQueriesPerAnswer >= 1, JSON.stringify(row));
      if (row.variant === "byHand") assert.equal(row.ratioToByHand, 1);
    }
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
    for (const { name } of result.rows) assert.match(table(result), new RegExp(name));
  });

  it("ends early, with everything it started, when it is told to", async () => {
    const stopping = new AbortController();
    const run = runBench({ limit: { seconds: 60 }, rounds: 1 }, stopping.signal, (line) => {
      if (line === "warming up") setTimeout(() => stopping.abort(new Error("enough")), 200);
    });
    await assert.rejects(run, /enough/);
  });
});

describe("a load fails", { timeout: 20_000 }, () => {
  for (const [what, status, body] of [
    ["when the answers are errors", 503, { url: "http://127.0.0.1/" }],
    ["when the answers hold no picture", 200, { url: null }],
  ] as const) {
    it(what, async () => {
      const url = await answering(status, JSON.stringify(body));
      await assert.rejects(applyLoad(variant(url), load, never), /not 200|no picture/);
    });
  }

  it("when nobody listens", async () => {
    await assert.rejects(applyLoad(variant("http://127.0.0.1:1"), load, never), /had no answer/);
  });
});

describe("the options", () => {
  it("have defaults", () => {
    assert.deepEqual(readOptions({ BENCH_ROUNDS: "" }), { limit: { seconds: 3 }, rounds: 3 });
  });

  for (const bad of [{ BENCH_SECONDS: "soon" }, { BENCH_SECONDS: "-1" }, { BENCH_ROUNDS: "1.5" }]) {
    const [name = ""] = Object.keys(bad);
    it(`are refused by name: ${JSON.stringify(bad)}`, () => {
      assert.throws(() => readOptions(bad), new RegExp(name));
    });
  }
});

describe("statistics", () => {
  it("take the middle of the sorted values", () => {
    assert.equal(median([10, 9, 1]), 9);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(percentile([3, 1, 2], 0.5), 2);
    assert.equal(percentile([3, 1, 2], 0.99), 3);
  });
});

const load = { connections: 1, limit: { requests: 2 } };

function variant(url: string) {
  const pictureUrl = (answer: unknown) =>
    typeof answer === "object" && answer && "url" in answer ? answer.url : undefined;
  return { name: "test", url, path: "/", headers: {}, pictureUrl };
}

async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  after(() => server.close().closeAllConnections());
  await promise;
  const address = server.address();
  return typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
}
