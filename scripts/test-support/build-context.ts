import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Ignore } from "@balena/dockerignore";

/** Its types say that it is an ES module, which it is not. */
const dockerignore: () => Ignore = createRequire(import.meta.url)("@balena/dockerignore");

/** @returns whether Docker hands a file to the build of the image, by its path in the repository at `root` */
export async function buildContext(root: string): Promise<(path: string) => boolean> {
  const patterns = (await readFile(join(root, ".dockerignore"), "utf8")).split("\n");
  return dockerignore()
    .add(patterns.filter((line) => line !== "" && !line.startsWith("#")))
    .createFilter();
}

/** @returns the files that git would commit */
export async function listSources(root: string): Promise<string[]> {
  return listFiles(root, ["-co", "--exclude-standard"]);
}

/** @returns of these paths, those that git ignores, whether they are there or not */
export async function ignoredByGit(root: string, paths: readonly string[]): Promise<Set<string>> {
  const running = promisify(execFile)("git", ["check-ignore", "-z", "--no-index", "--stdin"], {
    cwd: root,
    maxBuffer: 2 ** 26,
  });
  running.child.stdin?.end(paths.join("\0"));
  return new Set((await running).stdout.split("\0").filter((path) => path !== ""));
}

async function listFiles(root: string, options: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)("git", ["ls-files", "-z", ...options], {
    cwd: root,
    maxBuffer: 2 ** 26,
  });
  return stdout.split("\0").filter((path) => path !== "");
}
