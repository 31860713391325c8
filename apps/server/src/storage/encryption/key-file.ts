import { randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  areDifferent,
  formatSecretKey,
  makeSecretKey,
  parseSecretKey,
  type SecretKeys,
} from "../../kernel/secret-key.ts";
import { StartRefused } from "../../kernel/start-refused.ts";

/** The keys cannot be used as they are. The message is a sentence that names the setting or the file, and no key. */
export class SecretKeyError extends StartRefused {
  override readonly name = "SecretKeyError";
}

/** The keys of a key file, and a stamp that shows whether the file has been replaced. */
export interface KeyFile {
  readonly keys: SecretKeys;
  readonly stamp: string;
}

/**
 * Reads a file of keys: one in a line, base64, the newest last.
 * @returns `undefined` when there is no such file
 * @throws SecretKeyError when it holds anything else, or others than its owner may read it
 */
export function readKeyFile(path: string): KeyFile | undefined {
  if (stampOfKeyFile(path) === undefined) return undefined;
  const file = openSync(path, "r");
  try {
    const stats = fstatSync(file);
    // Windows has no such modes: every file there seems to be open to all.
    if (process.platform !== "win32" && (stats.mode & 0o077) !== 0) {
      throw new SecretKeyError(`${path} must be for its owner only: chmod 600 it.`);
    }
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    const [newest, ...older] = lines.map((line) => parseSecretKey(line.trim())).reverse();
    if (!newest || !older.every((key) => key !== undefined) || !areDifferent([newest, ...older])) {
      throw new SecretKeyError(
        `${path} must hold different keys of 32 bytes, one in each line, in base64 or hex.`,
      );
    }
    return { keys: [newest, ...older], stamp: stampOf(stats) };
  } finally {
    closeSync(file);
  }
}

/** @returns what changes when the file is replaced, `undefined` when there is no file */
export function stampOfKeyFile(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && stampOf(stats);
}

/** Makes a file with one new key, unless there is a file already. It is on the disk, and whole, or it is not there. */
export function makeKeyFile(path: string): void {
  const draft = writeDraft(path, [makeSecretKey()]);
  try {
    linkSync(draft, path);
  } catch (error) {
    // Another server made one in the meantime: that one counts.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(path);
}

/** Replaces the file: after a crash it is either the old one or the new one. */
export function replaceKeyFile(path: string, keys: SecretKeys): void {
  renameSync(writeDraft(path, keys), path);
  syncFolder(path);
}

/** Removes the temporary files that crashes left behind. Call it only while no other process writes one. */
export function removeDrafts(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith(draftEnding)) rmSync(join(folder, name));
  }
}

const draftEnding = ".new";

function writeDraft(path: string, keys: SecretKeys): string {
  const draft = `${path}.${randomUUID()}${draftEnding}`;
  const file = openSync(draft, "wx", 0o600);
  try {
    writeFileSync(
      file,
      keys
        .toReversed()
        .map((key) => `${formatSecretKey(key)}\n`)
        .join(""),
    );
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return draft;
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function stampOf({ ino, mtimeMs, size }: { ino: number; mtimeMs: number; size: number }): string {
  return `${ino} ${mtimeMs} ${size}`;
}
