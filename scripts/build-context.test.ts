import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, describe, it } from "vitest";
import { buildContext, ignoredByGit, listSources } from "./test-support/build-context.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const migrationFolder = "apps/server/src/storage/migrations/versions";

/** What developers keep beside a checkout and keep secret, and what the server writes. */
const secrets = [
  ...[".env", ".env.local", ".envrc", ".npmrc", ".netrc", ".pgpass", ".git/config", ".aws/credentials"],
  ...["secret.key", "tls.key", "tls.pem", "cert.p12", "cert.pfx", "id_rsa", "id_ed25519", "id_rsa.pub"],
  ...["wuts.sqlite", "wuts.sqlite-wal", "data/wuts.sqlite", "secrets/secret_key", "backup.dump", "dump.sql"],
  ...["credentials", "credentials.json", "token.txt", "wuts.env", "compose.override.yaml", "npm-debug.log"],
  ...["people.csv", "backup.tar", "backup.tar.gz", "backup.zip", "heap.heapsnapshot", "core", "core.4711"],
];

describe("The context that the image is built from", () => {
  let isIn: (path: string) => boolean;
  let sources: string[];
  /** All folders of the repository, and those that may come. */
  let folders: string[];
  beforeAll(async () => {
    isIn = await buildContext(root);
    sources = await listSources(root);
    const parents = (path: string): string[] => (path === "." ? [path] : [path, ...parents(dirname(path))]);
    folders = [...new Set(sources.flatMap((path) => parents(dirname(path)))), "backup", "apps/new/src"];
    assert.ok(folders.includes("apps/server/src/storage") && folders.includes("."));
  });

  it("has none of what git ignores, in any folder", async () => {
    const patterns = (await readFile(join(root, ".gitignore"), "utf8")).split("\n");
    const names = patterns
      .filter((pattern) => pattern !== "")
      .map((pattern) => pattern.replace(/^\//, "").replaceAll("*", "any").replace(/\/$/, "/any.ts"));
    assert.ok(
      names.includes("node_modules/any.ts") && names.includes(".env") && names.includes("any.gen.ts"),
    );
    const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
    const ignored = await ignoredByGit(root, paths);
    assert.ok(ignored.size >= folders.length * (names.length - 2), "they are what git ignores");
    assert.deepEqual([...ignored].filter(isIn), []);
  });

  it("has nothing that may be secret, in any folder", () => {
    assert.deepEqual(folders.flatMap((folder) => secrets.map((name) => join(folder, name))).filter(isIn), []);
  });

  it("has no file of an unexpected name, in any folder", () => {
    const names = [
      "anything",
      "anything.json",
      "anything.yaml",
      ".anything",
      "any.thing",
      "data/anything.ts",
    ];
    assert.deepEqual(folders.flatMap((folder) => names.map((name) => join(folder, name))).filter(isIn), []);
  });

  it("has the manifests of all workspaces, without which npm does not take the lock file for theirs", () => {
    const manifests = sources.filter((path) => /^(?:[^/]+\/){0,2}package(?:-lock)?\.json$/.test(path));
    assert.ok(manifests.length > 10);
    assert.deepEqual(
      manifests.filter((path) => !isIn(path)),
      [],
    );
  });

  it("has what its modules import, but for what the build generates", async () => {
    const modules = sources.filter((path) => /\.(?:ts|tsx|js)$/.test(path) && isIn(path));
    assert.ok(modules.length > 300);
    const missing: string[] = [];
    for (const path of modules) {
      const { importedFiles } = ts.preProcessFile(await readFile(join(root, path), "utf8"));
      for (const { fileName } of importedFiles) {
        const imported = join(dirname(path), fileName.split("?")[0] ?? "");
        if (!fileName.startsWith(".") || isIn(imported) || imported.includes(".gen.")) continue;
        missing.push(`${path} imports ${imported}`);
      }
    }
    assert.deepEqual(missing, []);
  });

  it("has every migration: a database that has one more than the server knows is not opened", () => {
    const migrations = sources.filter((path) => dirname(path) === migrationFolder);
    assert.ok(migrations.length >= 18);
    assert.deepEqual(
      migrations.filter((path) => !isIn(path)),
      [],
    );
  });
});
