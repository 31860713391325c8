import assert from "node:assert/strict";
import { cp, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "vitest";
import { temporaryFolder } from "../../test-support/processes/server-process.ts";
import { folderIdOf } from "./folder-id.ts";

describe("folderIdOf", () => {
  it("is the same for each start on a data folder, wherever that is moved to", async (t) => {
    const folder = await temporaryFolder(t);
    const [here, there] = [join(folder, "here"), join(folder, "there")];
    const id = folderIdOf(here);
    assert.equal(folderIdOf(here), id);
    assert.deepEqual(await readdir(here), ["folder-id"]);
    assert.equal((await stat(join(here, "folder-id"))).mode & 0o777, 0o600);
    await rename(here, there);
    assert.equal(folderIdOf(there), id);
  });

  it("is another one on another folder, and on a copy, which keeps its own", async (t) => {
    const folder = await temporaryFolder(t);
    const [one, other, copy] = [join(folder, "one"), join(folder, "other"), join(folder, "copy")];
    const id = folderIdOf(one);
    await cp(one, copy, { recursive: true, preserveTimestamps: true });
    const copied = folderIdOf(copy);
    assert.equal(new Set([id, folderIdOf(other), copied]).size, 3);
    assert.deepEqual([folderIdOf(one), folderIdOf(copy)], [id, copied]);
    assert.deepEqual(await readdir(copy), ["folder-id"]);
  });

  it("is made again where the file holds something else", async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, "folder-id"), "swordfish");
    const id = folderIdOf(folder);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(folderIdOf(folder), id);
  });
});
