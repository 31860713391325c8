import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { itUnless } from "@wuts/testing/needs";
import { findNode20, noNode20 } from "@wuts/testing/node20";
import { describe, it, type TestContext } from "vitest";
import { listSources } from "./test-support/build-context.ts";
import { withoutNpm } from "./without-npm.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const node20 = await findNode20();

describe("npm ci", () => {
  itUnless(
    node20 ? undefined : noNode20,
    "says nothing about the Node that runs npm, when that is Node 20",
    async (t) => {
      assert.ok(node20 !== undefined, noNode20);
      const folder = await copyManifests(t);
      assert.equal(await install(node20, folder), "");
      await rm(join(folder, ".npmrc"));
      assert.match(await install(node20, folder), /EBADENGINE/, "without .npmrc it is a wall of warnings");
    },
  );

  it("skips no script of a package in silence: each package that has one is named in allowScripts", async () => {
    const { allowScripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const { packages }: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(
      await readFile(join(root, "package-lock.json"), "utf8"),
    );
    const names = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ""));
    assert.ok(names.length > 0);
    assert.deepEqual(
      [...new Set(names)].filter((name) => !(name in allowScripts)),
      [],
    );
  });
});

/** What npm reads of the repository. */
async function copyManifests(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-install-"));
  t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const path of await listSources(root))
    if (/(?:^|\/)(?:package(?:-lock)?\.json|\.npmrc)$/.test(path))
      await cp(join(root, path), join(folder, path));
  return folder;
}

/** Installs nothing, and does what npm does before. @returns what npm complains about */
async function install(node: string, folder: string): Promise<string> {
  const npm = await promisify(execFile)("which", ["npm"], {
    // Not the one that the Node of this repository would be found for.
    env: {
      PATH: (process.env.PATH ?? "")
        .split(delimiter)
        .filter((each) => !each.includes("node_modules"))
        .join(delimiter),
    },
  });
  const program = await realpath(npm.stdout.trim());
  const { stderr } = await promisify(execFile)(node, [program, "ci", "--dry-run", "--offline"], {
    cwd: folder,
    env: withoutNpm(process.env),
  });
  return stderr;
}
