import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { delimiter, join, sep } from "node:path";
import { promisify } from "node:util";
import { supportedRuntimes } from "./runtimes.ts";

/** Says how to install it. */
export const noNode20 =
  "there is no Node 20: npm ci --prefix packages/testing/runtimes, or name one with WUTS_TEST_NODE20";

/** Where a Node 20 is: named by `WUTS_TEST_NODE20`, installed for tests, or the machine's own. `undefined` when there is none. */
export async function findNode20(): Promise<string | undefined> {
  const { WUTS_TEST_NODE20, PATH = "" } = process.env;
  const ours = supportedRuntimes().find(({ name }) => name === "Node 20")?.program;
  const folders = PATH.split(delimiter).filter(
    (folder) => !folder.endsWith(sep + join("node_modules", ".bin")),
  );
  const found = [...(ours ? [ours] : []), ...folders.map((folder) => join(folder, "node"))];
  for (const node of WUTS_TEST_NODE20 ? [WUTS_TEST_NODE20] : found) {
    if (
      await access(node).then(
        () => false,
        () => true,
      )
    )
      continue;
    const { stdout } = await promisify(execFile)(node, ["--version"]);
    if (stdout.startsWith("v20.")) return node;
  }
  return undefined;
}
