import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, it, onTestFinished } from "vitest";
import { applyLoad } from "./load.ts";
import { readOptions } from "./options.ts";
import { withResults } from "./readme.ts";
import { goalOf, type Result, rowOf, type Section, sectionNames, thisMachine } from "./result.ts";
import { median, percentile } from "./statistics.ts";
import { table } from "./table.ts";

const never = new AbortController().signal;

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

  it("when no server listens", async () => {
    await assert.rejects(applyLoad(variant("http://127.0.0.1:1"), load, never), /had no answer/);
  });
});

describe("the options", () => {
  it("have defaults", () => {
    assert.partialDeepStrictEqual(readOptions([]), {
      only: sectionNames,
      limit: { seconds: 1 },
      rounds: 9,
      quick: false,
      readme: false,
    });
  });

  it("choose sections by letter or by name, and a file beside where the command was called", () => {
    const { only, json } = readOptions(["--only", "c,start", "--json", "out.json"], "/some/where");
    assert.deepEqual(only, ["raw-query", "start"]);
    assert.equal(json, "/some/where/out.json");
  });

  for (const bad of [
    ["--seconds", "soon"],
    ["--seconds=-1"],
    ["--rounds", "1.5"],
    ["--rounds", ""],
    ["--only", "a,z"],
    ["--fast"],
  ]) {
    it(`are refused by name: ${bad.join(" ")}`, () => {
      const [name = ""] = (bad[0] ?? "").split("=");
      assert.throws(() => readOptions(bad), new RegExp(`RangeError.*${name}`));
    });
  }
});

describe("a result", () => {
  const section: Section = {
    name: "by-hand",
    title: "One against the other",
    how: "Both are asked.",
    means: "One is as good as the other.",
    rows: [rowOf("one", [{ "answers/s": 3 }, { "answers/s": 1 }, { "answers/s": 2 }])],
    goals: [
      goalOf("one of the other", "at least", 1.2, "", [2, 1, 1.5]),
      goalOf("wait", "at most", 1, "s", [2]),
    ],
  };
  const result: Result = {
    startedAt: "2026-11-26T08:00:00.000Z",
    machine: thisMachine(),
    quick: false,
    sections: [section],
  };

  it("is shown with medians, goals and verdicts", () => {
    const text = table(result);
    assert.match(text, /one +2\.00/);
    assert.match(text, /^met {2}one of the other: 1\.50, goal at least 1\.2$/m);
    assert.match(text, /^NOT MET {2}wait: 2\.00 s, goal at most 1 s$/m);
  });

  it("is written into a page between its marks, and nowhere else", () => {
    const marks = ["<!-- bench: begin, written by npm run bench -- --readme -->", "<!-- bench: end -->"];
    const readme = `before\n${marks.join("\nold\n")}\nafter\n`;
    const written = withResults(readme, result);
    assert.ok(written.startsWith(`before\n${marks[0]}\n`) && written.endsWith(`${marks[1]}\nafter\n`));
    assert.ok(!written.includes("old"));
    assert.match(
      written,
      /^### One against the other$[\s\S]+^\| one of the other \| at least 1\.2 \| 1\.50 +\| met +\|$/m,
    );
    assert.equal(withResults(written, result), written);
    assert.throws(() => withResults("no place", result), /the page has no line/);
  });
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
  onTestFinished(() => server.close().closeAllConnections());
  await promise;
  const address = server.address();
  return typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
}
