import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { readOptions } from "./options.ts";
import { sectionNames } from "./result.ts";
import { runBench } from "./run.ts";
import { table } from "./table.ts";

describe("a quick run", { timeout: 600_000 }, () => {
  it("measures every section without a failure, and says of each goal whether it is met", async () => {
    const result = await runBench(readOptions(["--quick"]), new AbortController().signal);
    assert.deepEqual(
      result.sections.map(({ name }) => name),
      sectionNames,
    );
    for (const { rows, goals, title } of result.sections) {
      assert.ok(rows.length >= 2 && goals.length >= 1, title);
      for (const { what, figures, rounds } of rows) {
        assert.ok(rounds.length >= 1, what);
        for (const [name, figure] of Object.entries(figures)) {
          assert.ok(Number.isFinite(figure), `${title}, ${what}: ${name}`);
        }
        // Every answer had a query of its own.
        const { "queries/answer": queries = 1 } = figures;
        assert.ok(queries >= 1, what);
      }
      for (const { measured, what } of goals) assert.ok(Number.isFinite(measured), what);
      assert.ok(table(result).includes(title));
    }
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  });

  it("ends early, with everything it started, when it is told to", async () => {
    const stopping = new AbortController();
    const options = { ...readOptions(["--quick", "--only", "by-hand"]), limit: { seconds: 60 } };
    const run = runBench(options, stopping.signal, (line) => {
      if (line.endsWith("warming up")) setTimeout(() => stopping.abort(new Error("enough")), 200);
    });
    await assert.rejects(run, /enough/);
  });
});
