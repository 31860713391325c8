import { closeSync, openSync } from "node:fs";

/**
 * Makes a file for its owner only, before anything else can make it for others, too. What is there keeps what is in it.
 *
 * A file that is there is not opened: a process that closes a file loses all locks that it has on it, those of SQLite
 * included (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
