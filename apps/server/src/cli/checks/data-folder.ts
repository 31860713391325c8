import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { databaseFiles } from "../../storage/engine/database.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** Checks that the server can write to its folder, and that no other user has access to the files in it. Creates nothing. */
export function checkDataFolder(dataDir: string): Finding[] {
  const folder = statSync(dataDir, { throwIfNoEntry: false });
  if (!folder) return [checkPlaceFor(dataDir)];
  if (!folder.isDirectory()) return [fail(`${dataDir} is no folder: name another one in WUTS_DATA_DIR`)];
  const files = databaseFiles(dataDir).filter((file) => existsSync(file));
  const findings = [...checkAccess(dataDir, constants.X_OK), ...files.flatMap((file) => checkAccess(file))];
  // Windows has no such modes: every file there seems to be open to all.
  if (process.platform !== "win32") {
    if (folder.mode & 0o022) {
      findings.push(fail(`${dataDir} can be changed by others than its owner: chmod 700 it`));
    } else if (folder.mode & 0o077) {
      findings.push(warn(`${dataDir} is open to others than its owner: chmod 700 it`));
    }
    for (const file of files.filter((path) => statSync(path).mode & 0o077)) {
      findings.push(fail(`${file} must be for its owner only: chmod 600 it`));
    }
  }
  return findings.length > 0 ? findings : [ok(`${dataDir} is for its owner only`)];
}

function checkPlaceFor(dataDir: string): Finding {
  let parent = dirname(dataDir);
  while (!existsSync(parent)) parent = dirname(parent);
  const [problem] = statSync(parent).isDirectory()
    ? checkAccess(parent, constants.X_OK)
    : [fail(`${parent} is no folder`)];
  return problem
    ? fail(`${dataDir} is not there, and cannot be made: ${problem.message}`)
    : warn(`${dataDir} is not there yet: the first start makes it`);
}

function checkAccess(path: string, execute = 0): Finding[] {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | execute);
    return [];
  } catch {
    return [fail(`${path} may not be read and written by this user: give it to who runs the server`)];
  }
}
