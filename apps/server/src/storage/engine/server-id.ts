import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makePrivateFile } from "./private-file.ts";

/** The identity of a server among the servers that share its database. */
export interface ServerId {
  /** Of this run: no other server has it, nor has this one when it starts again. */
  readonly id: string;
  /** The ids of earlier runs that have ended for certain, the latest first: this server may take their leases. */
  readonly predecessors: readonly string[];
  /** Whether another server runs on the data folder already. */
  readonly isSecond: boolean;
  /** Lets another server on the data folder know that this run has ended. The end of the process does so, too. */
  release(): void;
}

/**
 * Makes the id of a server that starts on a data folder, and reads the ids of earlier runs there. Only the server that holds
 * the lock on the file runs on the folder, so the earlier runs have ended: the new one takes over their leases without waiting.
 *
 * A copied folder contains the ids too, but their runs may still be alive. An id is therefore trusted only in the file that it
 * was written to, and only until the machine restarts. A server that starts beside a running one gets no predecessors.
 *
 * The file is an SQLite database because SQLite's lock ends with the process, however the process ends.
 * @throws what the file system says
 */
export function takeServerId(dataDir: string): ServerId {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, serverIdFile);
  makePrivateFile(path);
  const [id, place] = [randomUUID(), placeOf(path)];
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    // The lock stays when the transaction has ended.
    file.exec("PRAGMA locking_mode = EXCLUSIVE");
    file.exec("BEGIN EXCLUSIVE");
    // Of earlier versions, whose ids outlived a run.
    file.exec("DROP TABLE IF EXISTS server");
    file.exec(
      "CREATE TABLE IF NOT EXISTS runs (number INTEGER PRIMARY KEY, id TEXT NOT NULL, place TEXT NOT NULL)",
    );
    file.prepare("DELETE FROM runs WHERE place != ?").run(place);
    const rows = file.prepare("SELECT id FROM runs ORDER BY number DESC LIMIT ?").all(mostPredecessors);
    file.prepare("INSERT INTO runs (id, place) VALUES (?, ?)").run(id, place);
    file.exec(`DELETE FROM runs WHERE number <= (SELECT max(number) FROM runs) - ${mostPredecessors}`);
    file.exec("COMMIT");
    const predecessors = rows.map((row) => String(row.id));
    return { id, predecessors, isSecond: false, release: () => file.close() };
  } catch (error) {
    file.close();
    if (!isLocked(error)) throw error;
    return { id, predecessors: [], isSecond: true, release: () => undefined };
  }
}

const serverIdFile = "server-id.sqlite";

/**
 * Bounds the list: a server that crashes at start again and again cannot take the leases of the first of these runs.
 */
const mostPredecessors = 8;

/** Which file it is, of all on this machine and on others, from one start of the machine to the next. */
function placeOf(path: string): string {
  const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
  return [startOfMachine(), dev, ino, birthtimeNs].join(" ");
}

/** Containers on one machine have the same: a volume that goes from one to the next stays where it is. */
function startOfMachine(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // There is no such thing but on Linux.
    return hostname();
  }
}

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html */
function isLocked(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}
