import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makePrivateFile } from "./private-file.ts";

/** By what a server is known to the others on its database. */
export interface ServerId {
  readonly id: string;
  /** Whether another server runs on the data folder already. */
  readonly isSecond: boolean;
  /** Lets another server on the data folder have it. The end of the process does so, too. */
  release(): void;
}

/**
 * Takes the id of the server that runs on a data folder. A server that was killed has the same one when it starts again, so it
 * does not wait for what is still its own. One that starts beside it gets another one, as does one on a copy of the folder
 * on another host.
 *
 * The file is an SQLite database because SQLite holds a lock that ends with the process, however that ends.
 * @throws what the file system says
 */
export function takeServerId(dataDir: string): ServerId {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, serverIdFile);
  makePrivateFile(path);
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    // The lock stays when the transaction has ended.
    file.exec("PRAGMA locking_mode = EXCLUSIVE");
    file.exec("BEGIN EXCLUSIVE");
    file.exec("CREATE TABLE IF NOT EXISTS server (host TEXT PRIMARY KEY, id TEXT NOT NULL)");
    file.prepare("INSERT OR IGNORE INTO server VALUES (?, ?)").run(hostname(), randomUUID());
    const row = file.prepare("SELECT id FROM server WHERE host = ?").get(hostname());
    file.exec("COMMIT");
    return { id: String(row?.id), isSecond: false, release: () => file.close() };
  } catch (error) {
    file.close();
    if (!isLocked(error)) throw error;
    return { id: randomUUID(), isSecond: true, release: () => undefined };
  }
}

const serverIdFile = "server-id.sqlite";

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html */
function isLocked(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}
