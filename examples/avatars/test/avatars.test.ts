import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { appendFile, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { crowdNumbers, nobody, owner } from "@wuts/sandbox";
import { type Ended, temporaryFolder } from "@wuts/server/test-support/server-process";
import type { SimulatorEventMap } from "@wuts/whatsapp-simulator";
import { parse } from "csv-parse/sync";
import { runScript, startWorld } from "./world.ts";

const crowdCsv = fileURLToPath(new URL("../numbers.csv", import.meta.url));
const summary = "700 FOUND\n100 PICTURE_NOT_SET\n100 PICTURE_HIDDEN\n100 NOT_ON_WHATSAPP\n";

describe("The avatars of a thousand numbers", { timeout: 240_000 }, () => {
  it("are saved although the connection drops and the server is killed, and then only where they changed", async (t) => {
    const world = await startWorld(t, { WUTS_PICTURE_ANSWERS_SECONDS: "3600" });
    const { simulator } = world;
    const asked: string[] = [];
    const troubles: unknown[] = [];
    simulator.events.on("stanza", ({ stanza: { attrs } }: SimulatorEventMap["stanza"][0]) => {
      if (attrs.xmlns !== "w:profile:picture") return;
      asked.push(String(attrs.target).replace(/@.*/, ""));
      if (asked.length === 250) troubles.push(simulator.faults.close(owner.phone, "tcp-drop"));
      if (asked.length === 600) troubles.push(world.killServer());
    });
    const folder = await temporaryFolder(t);
    const first = await world.run(crowdCsv, folder);

    // One connection was dropped, and one server killed.
    assert.deepEqual(await Promise.all(troubles), [1, undefined]);
    assertDone(first, summary);
    assert.match(first.stderr, / 1000\/1000, 700 with a picture/);
    const outcomes = await outcomesIn(folder);
    assert.deepEqual(outcomes, crowdNumbers.map(expected));
    await assertSaved(folder, outcomes);

    // WhatsApp tells of those who are in the address book.
    const [other, gone, come] = ["5511930000020", "5511930000021", "5511930000027"] as const;
    for (const phone of [other, gone, come])
      simulator.account(owner.phone).saveContact({ phone, fullName: `Person ${phone}` });
    await world.change(other, "1900000020");
    await world.change(gone, undefined);
    await world.change(come, "1900000027");
    asked.length = 0;
    simulator.received.reset();
    const downloads = simulator.cdn.requests.total;
    const second = await world.run(crowdCsv, folder);

    assertDone(second, summary);
    assert.deepEqual(asked.sort(), [other, gone, come]);
    // Whether who has no picture any more is registered is a question, too.
    assert.equal(simulator.received.get("iq usync get"), 1);
    assert.equal(simulator.cdn.requests.total - downloads, 2);
    const now = await outcomesIn(folder);
    const changed = new Map<string, Entry>(
      [
        { number: other, outcome: "FOUND", picture_id: "1900000020", file: `${other}.jpg` },
        { number: gone, outcome: "PICTURE_NOT_SET", picture_id: "", file: "" },
        { number: come, outcome: "FOUND", picture_id: "1900000027", file: `${come}.jpg` },
      ].map((entry) => [entry.number, entry]),
    );
    assert.deepEqual(
      now,
      outcomes.map((entry) => changed.get(entry.number) ?? entry),
    );
    await assertSaved(folder, now);
  });
});

describe("The avatars of a few numbers", { timeout: 120_000 }, () => {
  it("are those of any column, whoever cannot be found, and of who is only found after some tries", async (t) => {
    const { run } = await startWorld(t);
    const folder = await temporaryFolder(t);
    const rows = [
      ["Name", "Phone"],
      ["Ana", "+55 (11) 99999-9999"],
      ["Nobody", nobody],
      ["Typo", "x"],
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
        [nobody, "NOT_ON_WHATSAPP"],
        ["x", "INVALID_NUMBER"],
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
    const [one, two, three] = crowdNumbers.slice(0, 3).map(String);
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

function assertDone(ended: Ended, stdout: string): void {
  assert.deepEqual({ code: ended.code, stdout: ended.stdout }, { code: 0, stdout }, ended.stderr);
}

interface Entry {
  readonly number: string;
  readonly outcome: string;
  readonly picture_id: string;
  readonly file: string;
}

async function outcomesIn(folder: string): Promise<Entry[]> {
  return parse(await readFile(join(folder, "outcomes.csv")), { columns: true });
}

/** As the sandbox describes the crowd. */
function expected(number: string, index: number): Entry {
  const nothing = { number, picture_id: "", file: "" };
  switch (index % 10) {
    case 7:
      return { ...nothing, outcome: "PICTURE_NOT_SET" };
    case 8:
      return { ...nothing, outcome: "PICTURE_HIDDEN" };
    case 9:
      return { ...nothing, outcome: "NOT_ON_WHATSAPP" };
    default:
      return { number, outcome: "FOUND", picture_id: `${1_800_000_000 + index}`, file: `${number}.jpg` };
  }
}

/** There is a whole JPEG for each that was found, another for each id, and nothing half-written. */
async function assertSaved(folder: string, outcomes: readonly Entry[]): Promise<void> {
  const found = outcomes.filter(({ outcome }) => outcome === "FOUND");
  const pictures = new Map<string, string>();
  for (const { file, picture_id } of found) {
    const bytes = await readFile(join(folder, file));
    assert.equal(bytes.subarray(0, 3).toString("hex"), "ffd8ff", file);
    assert.equal(bytes.subarray(-2).toString("hex"), "ffd9", file);
    pictures.set(picture_id, createHash("sha256").update(bytes).digest("hex"));
  }
  assert.equal(new Set(pictures.values()).size, found.length);
  const files = await readdir(folder);
  assert.deepEqual(files.sort(), [...found.map(({ file }) => file), "outcomes.csv"].sort());
}
