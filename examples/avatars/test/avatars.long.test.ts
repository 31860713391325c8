import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bulkNumbers, owner } from "@wuts/sandbox";
import { temporaryFolder } from "@wuts/server/test-support/server-process";
import type { SimulatorEventMap } from "@wuts/whatsapp-simulator";
import { describe, it } from "vitest";
import { assertDone, type Entry, outcomesIn } from "./outcomes.ts";
import { startWorld } from "./world.ts";

const bulkCsv = fileURLToPath(new URL("../numbers.csv", import.meta.url));
const summary = "700 FOUND\n100 PICTURE_NOT_SET\n100 PICTURE_HIDDEN\n100 NOT_ON_WHATSAPP\n";

describe("The avatars of a thousand numbers", { timeout: 240_000 }, () => {
  it("are saved although the connection drops and the server is killed, and then only where they changed", async (t) => {
    const world = await startWorld(t, { WUTS_PICTURE_CACHE_SECONDS: "3600" });
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
    const first = await world.run(bulkCsv, folder);

    // One connection was dropped, and one server killed.
    assert.deepEqual(await Promise.all(troubles), [1, undefined]);
    assertDone(first, summary);
    assert.match(first.stderr, / 1000\/1000, 700 with a picture/);
    const outcomes = await outcomesIn(folder);
    assert.deepEqual(outcomes, bulkNumbers.map(expected));
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
    const second = await world.run(bulkCsv, folder);

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
