import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { it } from "vitest";

it("Baileys is the version that is pinned, or the one that these tests are run with", async () => {
  const [installed, pinned] = await Promise.all([
    manifestAt(new URL("../package.json", import.meta.resolve("@whiskeysockets/baileys"))),
    manifestAt(new URL("../../../package.json", import.meta.url)),
  ]);
  const wanted = process.env.WUTS_TEST_BAILEYS_VERSION ?? pinned.dependencies?.["@whiskeysockets/baileys"];
  assert.equal(installed.version, wanted);
});

async function manifestAt(
  url: URL,
): Promise<{ readonly version?: string; readonly dependencies?: Record<string, string> }> {
  return JSON.parse(await readFile(url, "utf8"));
}
