#!/usr/bin/env node
// Copies the data of a server that may be running: node ops/backup-sqlite.js <data folder> <new folder>
// Plain JavaScript that needs nothing but Node 24, so that it runs wherever the server does.
import { constants, copyFileSync, cpSync, existsSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";

const [from, to, ...more] = process.argv.slice(2);
if (from === undefined || to === undefined || more.length > 0) {
  process.stderr.write("usage: node ops/backup-sqlite.js <data folder> <new folder>\n");
  process.exit(2);
}
const database = join(from, "wuts.sqlite");
if (!existsSync(database)) fail(`${database} is not there`);
if (existsSync(to)) fail(`${to} is there already`);
process.umask(0o077);
mkdirSync(to);
try {
  await copyDatabase(database, join(to, "wuts.sqlite"));
  // After the database: a key that a row is under stays in the file while the row needs it.
  copyIfThere("secret.key");
  // Also after it: pictures that came meanwhile are not known to it, and those that went are fetched again.
  copyIfThere("pictures");
} catch (error) {
  rmSync(to, { recursive: true });
  fail(error instanceof Error ? error.message : String(error));
}

/** By SQLite's online backup, which copies what was committed and lets the server write. */
async function copyDatabase(path, copy) {
  const source = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  // All pages in one step: with several, each write of the server would begin the copy again.
  await backup(source, copy, { rate: 2 ** 31 - 1 });
  source.close();
  // The copy is one file, without a log beside it, and whole.
  const copied = new DatabaseSync(copy);
  const [{ integrity_check: verdict }] = copied.prepare("pragma integrity_check").all();
  // In it, the devices are no server's: who restores it need not wait until the leases of this one run out.
  const hasLeases = copied.prepare("select 1 from sqlite_schema where name = 'device_leases'").get();
  if (hasLeases) copied.exec("update device_leases set expires_at = 0");
  copied.close();
  if (verdict !== "ok") throw new Error(`the copy of ${path} is damaged: ${verdict}`);
}

function copyIfThere(name) {
  const path = join(from, name);
  if (!existsSync(path)) return;
  if (lstatSync(path).isDirectory()) copyFolder(path, join(to, name));
  else copyFileSync(path, join(to, name), constants.COPYFILE_EXCL);
}

function copyFolder(path, copy) {
  try {
    cpSync(path, copy, { recursive: true });
  } catch (error) {
    // The server took one away that was just being copied.
    if (error?.code !== "ENOENT") throw error;
    rmSync(copy, { recursive: true, force: true });
    copyFolder(path, copy);
  }
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
