import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { appendFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bulkNumbers, unregisteredNumber } from "@wuts/sandbox";
import { temporaryFolder } from "@wuts/server/test-support/server-process";
import { describe, it } from "vitest";
import { assertDone, outcomesIn } from "./outcomes.ts";
import { runScript, startWorld } from "./world.ts";

describe("The avatars of a few numbers", { timeout: 120_000 }, () => {
  it("are those of any column, also of contacts that cannot be found, or only after some tries", async (t) => {
    const { run } = await startWorld(t);
    const folder = await temporaryFolder(t);
    const rows = [
      ["Name", "Phone"],
      ["Ana", "+55 (11) 99999-9999"],
      ["Nobody", unregisteredNumber],
      ["Typo", "x"],
      ["Much too long", "1".repeat(65)],
      ["Carla", "5511777777777"],
      ["Davi", "5511666666666"],
      ["Elisa", "5511555555555"],
      ["Ana again", "5511999999999"],
    ];
    const csv = join(folder, "people.csv");
    await writeFile(csv, `\ufeff${rows.map((row) => row.join(";")).join("\r\n")}`);
    const ended = await run(csv, join(folder, "avatars"));
    assert.equal(ended.code, 0, ended.stderr);
    const outcomes = await outcomesIn(join(folder, "avatars"));
    assert.deepEqual(
      outcomes.map(({ number, outcome }) => [number, outcome]),
      [
        ["+55 (11) 99999-9999", "FOUND"],
        [unregisteredNumber, "NOT_ON_WHATSAPP"],
        ["x", "VALIDATION_ERROR"],
        ["1".repeat(65), "VALIDATION_ERROR"],
        ["5511777777777", "PICTURE_HIDDEN"],
        ["5511666666666", "WHATSAPP_RATE_LIMITED"],
        ["5511555555555", "WHATSAPP_TIMEOUT"],
      ],
    );
    assert.deepEqual(await readdir(join(folder, "avatars")), ["5511999999999.jpg", "outcomes.csv"]);
  });

  it("go on where a run was broken off, even in the middle of a line, and are fetched again when a file is gone", async (t) => {
    const { run, simulator } = await startWorld(t);
    const folder = await temporaryFolder(t);
    const [one, two, three] = bulkNumbers.slice(0, 3).map(String);
    const csv = join(folder, "people.csv");
    await writeFile(csv, `${one}\n${two}\n${three}\n`);
    await writeFile(join(folder, "outcomes.unfinished.csv"), "number,outcome,picture_id,file\n");
    await appendFile(join(folder, "outcomes.unfinished.csv"), `${one},PICTURE_HIDDEN,,\n${two},FOU`);
    const resumed = await run(csv, folder);
    assertDone(resumed, "1 PICTURE_HIDDEN\n2 FOUND\n");
    assert.match(resumed.stderr, / 1\/3, 0 with a picture/);
    assert.equal(simulator.cdn.requests.total, 2);
    await rm(join(folder, `${three}.jpg`));
    assertDone(await run(csv, folder), "3 FOUND\n");
    // The first, which has another outcome now; the server still has what is gone here.
    assert.equal(simulator.cdn.requests.total, 3);
    // The other size is another picture.
    assertDone(await run("--full", csv, folder), "3 FOUND\n");
    const [entry] = await outcomesIn(folder);
    assert.equal(entry?.file, `${one}.full.jpg`);
    const sizes = [`${one}.jpg`, `${one}.full.jpg`].map(
      async (file) => (await stat(join(folder, file))).size,
    );
    const [small = 0, large = 0] = await Promise.all(sizes);
    assert.ok(large > small, `${large} and ${small}`);
  });

  for (const [what, args, code, said] of [
    ["a call without a folder", ["numbers.csv"], 2, /^Usage: /],
    ["a file that is not there", ["nowhere.csv", "out"], 1, /ENOENT/],
  ] as const) {
    it(`are none for ${what}`, async (t) => {
      const ended = await runScript(t, { WUTS_TOKEN: randomUUID() }, args);
      assert.equal(ended.code, code);
      assert.match(ended.stderr, said);
    });
  }
});
