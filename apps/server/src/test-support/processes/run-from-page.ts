import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The repository. */
export const root = fileURLToPath(new URL("../../../../..", import.meta.url));

/**
 * Runs the commands that a page has under this name, in the repository.
 * @param page its path from there
 * @returns what they print
 */
export async function runFromPage(
  page: string,
  name: string,
  variables: Record<string, string>,
): Promise<string> {
  const text = await readFile(join(root, page), "utf8");
  const commands = new RegExp(`^<!-- run: ${name} -->\n\n\`\`\`sh\n(.*?)^\`\`\`$`, "ms").exec(text)?.[1];
  assert.ok(commands, `${page} has no commands for ${name}`);
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, ...variables };
  const { stdout } = await promisify(execFile)("bash", ["-euc", commands], { env, cwd: root });
  return stdout;
}
