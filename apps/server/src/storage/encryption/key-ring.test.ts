import assert from "node:assert/strict";
import { chmod, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "vitest";
import { formatSecretKey, makeSecretKey } from "../../kernel/secret-key.ts";
import { temporaryFolder } from "../../test-support/processes/server-process.ts";
import { SecretKeyError } from "./key-file.ts";
import { openKeyRing, openSealed, SecretUnreadable } from "./key-ring.ts";
import { type AssociatedData, seal } from "./sealing.ts";

const place: AssociatedData = ["credentials", "device"];

describe("A key ring on a file", () => {
  const begin = async (t: TestContext) => {
    const folder = await temporaryFolder(t);
    return { folder, path: join(folder, "secret.key") };
  };
  /** A sentence that names the file, and shows nothing of what is in it. */
  const refusal = (path: string, content: string) => (error: unknown) =>
    error instanceof SecretKeyError &&
    error.message.startsWith(path) &&
    error.message.endsWith(".") &&
    content.split(/\s/).every((line) => line === "" || !error.message.includes(line));

  it("makes the file with one key, for its owner only, and nothing beside it", async (t) => {
    const { folder, path } = await begin(t);
    const [key, ...more] = openKeyRing(folder).keys();
    assert.deepEqual([more, await readdir(folder)], [[], ["secret.key"]]);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal(await readFile(path, "utf8"), `${formatSecretKey(key)}\n`);
    assert.equal(openKeyRing(folder).keys()[0].id, key.id);
  });

  it("is one, when several servers start at once", async (t) => {
    const { folder } = await begin(t);
    const rings = Array.from({ length: 5 }, () => openKeyRing(folder));
    assert.equal(new Set(rings.map((ring) => ring.keys()[0].id)).size, 1);
  });

  for (const mode of [0o640, 0o604, 0o620]) {
    it(`does not use a file with mode ${mode.toString(8)}`, async (t) => {
      const { folder, path } = await begin(t);
      openKeyRing(folder).keys();
      await chmod(path, mode);
      const content = await readFile(path, "utf8");
      assert.throws(() => openKeyRing(folder), refusal(path, content));
    });
  }

  const key = formatSecretKey(makeSecretKey());
  for (const [what, content] of Object.entries({
    "nothing at all": "",
    "a line that is no key": `${key}\nswordfish\n`,
    "half a key": key.slice(0, 20),
    "a key twice": `${key}\n${key}\n`,
  })) {
    it(`does not use a file with ${what}`, async (t) => {
      const { folder, path } = await begin(t);
      await writeFile(path, content, { mode: 0o600 });
      assert.throws(() => openKeyRing(folder), refusal(path, content));
      assert.equal(await readFile(path, "utf8"), content);
    });
  }

  it("finds what another process put into the file: to write at once, to read when it is needed", async (t) => {
    const { folder } = await begin(t);
    const [writer, reader, other] = [openKeyRing(folder), openKeyRing(folder), openKeyRing(folder)];
    const [first] = writer.keys();
    reader.keys();
    other.renew();
    const [second, ...older] = writer.keys();
    assert.notEqual(second.id, first.id);
    assert.deepEqual(
      older.map(({ id }) => id),
      [first.id],
    );
    assert.equal(openSealed(reader, place, seal(second, place, "new")), "new");
    assert.equal(openSealed(reader, place, seal(first, place, "old")), "old");
  });

  it("gives no key to write with once its file is gone, and makes no other", async (t) => {
    const { folder, path } = await begin(t);
    const ring = openKeyRing(folder);
    const sealed = seal(ring.keys()[0], place, "text");
    await rename(path, `${path}.elsewhere`);
    assert.throws(() => ring.keys(), refusal(path, key));
    assert.equal(openSealed(ring, place, sealed), "text");
    await rename(`${path}.elsewhere`, path);
    assert.equal(ring.keys()[0].id, sealed.key_id);
  });

  it("keeps the newest key, the one before, and those that are in use", async (t) => {
    const { folder } = await begin(t);
    const ring = openKeyRing(folder);
    const ids = [ring.keys()[0].id];
    for (let round = 0; round < 3; round += 1) {
      ring.renew();
      ids.unshift(ring.keys()[0].id);
    }
    assert.deepEqual(
      ring.drop((keyId) => keyId !== ids[3]),
      [ids[2]],
    );
    assert.deepEqual(
      openKeyRing(folder)
        .keys()
        .map(({ id }) => id),
      [ids[0], ids[1], ids[3]],
    );
    assert.deepEqual(
      ring.drop(() => true),
      [ids[3]],
    );
    assert.deepEqual(
      ring.drop(() => true),
      [],
    );
  });

  it("removes what a crash left of a file that was being written", async (t) => {
    const { folder, path } = await begin(t);
    const ring = openKeyRing(folder);
    ring.keys();
    await writeFile(`${path}.0123.new`, key);
    ring.renew();
    assert.deepEqual(await readdir(folder), ["secret.key"]);
    await rm(path);
  });
});

describe("A key ring on a setting", () => {
  it("encrypts with the first key, decrypts with all, and makes no file", async (t) => {
    const folder = await temporaryFolder(t);
    const [newest, older] = [makeSecretKey(), makeSecretKey()];
    const ring = openKeyRing(folder, [newest, older]);
    ring.renew();
    assert.equal(ring.keys()[0], newest);
    assert.deepEqual(
      ring.drop(() => true),
      [],
    );
    for (const key of [newest, older]) {
      assert.equal(openSealed(ring, place, seal(key, place, "text")), "text");
    }
    assert.throws(() => openSealed(ring, place, seal(makeSecretKey(), place, "text")), SecretUnreadable);
    assert.deepEqual(await readdir(folder), []);
  });
});
