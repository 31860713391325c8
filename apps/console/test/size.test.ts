import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, it } from "vitest";

const built = fileURLToPath(new URL("../dist/", import.meta.url));

/** What a visitor downloads before anything is seen, in bytes. Whoever needs more raises it, and says why. */
const mostOfScripts = 120_000;

describe("The built page", () => {
  it(`has less than ${mostOfScripts} bytes of scripts, compressed`, async () => {
    const names = (await readdir(`${built}assets`)).filter((name) => name.endsWith(".js"));
    assert.notEqual(names.length, 0);
    const sizes = await Promise.all(
      names.map(async (name) => gzipSync(await readFile(`${built}assets/${name}`)).length),
    );
    const sum = sizes.reduce((before, size) => before + size, 0);
    assert.ok(sum < mostOfScripts, `${sum} bytes`);
  });

  it("has no script and no style in it, and names nothing that is elsewhere", async () => {
    const page = await readFile(`${built}index.html`, "utf8");
    assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|javascript:/i);
    for (const [, attributes = "", text] of page.matchAll(/<script([^>]*)>([^<]*)/gi)) {
      assert.match(attributes, /\ssrc="/);
      assert.equal(text, "");
    }
    const named = [...page.matchAll(/\s(?:src|href)="([^"]*)"/gi)].map(([, url = ""]) => url);
    assert.notEqual(named.length, 0);
    for (const url of named) assert.match(url, /^\.\/[\w./-]+$/);
  });
});
