import { closeSync, openSync } from "node:fs";

/**
 * Creates a file that only its owner may access, before another program can create it with wider access. An existing file keeps
 * its contents.
 *
 * An existing file is not opened: a process that closes a file loses all locks that it has on it, those of SQLite included
 * (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
