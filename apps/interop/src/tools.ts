import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where the tools are installed. They have a lock file of their own, because they are larger than all else here. */
const toolsFolder = join(import.meta.dirname, "..", "tools");

/** What `describeUnless` is told: how to install the tools where they are missing. */
export const noTools: string | undefined = existsSync(join(toolsFolder, "node_modules/.package-lock.json"))
  ? undefined
  : "the tools are not installed: npm ci --prefix apps/interop/tools";

/** @returns the folder of a package of the tools */
export function toolPackage(name: string): string {
  return join(toolsFolder, "node_modules", name);
}

/** @returns the program that a package of the tools installs under this name */
export function toolProgram(name: string): string {
  return toolPackage(join(".bin", name));
}
