import { readdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Kysely } from "kysely";
import { FileMigrationProvider, type MigrationProvider } from "kysely/migration";
import type { KeyRing } from "../encryption/key-ring.ts";

/**
 * Every change of the tables: the files of `versions/`, which Kysely runs in the order of their names. A migration that was
 * released is never edited or renamed.
 *
 * A new one is called when it was written and what it does, `20261201T1200_what_it_does.ts`, and exports `up`. The date has no
 * hyphens, so that it sorts after `2026-12-until-banned`, the last of the older names.
 * @param keyRing for the migration that encrypts what earlier versions stored in plain text
 */
export function migrationProvider(keyRing: KeyRing): MigrationProvider {
  return providerWith(() => keyRing);
}

/** @returns the names of all migrations, oldest first */
export async function migrationNames(): Promise<string[]> {
  const noKeyRing = () => {
    throw new Error("reading the names of migrations migrates nothing");
  };
  return Object.keys(await providerWith(noKeyRing).getMigrations()).sort();
}

/** The exports of a file in `versions/`. */
export interface MigrationFile {
  up(database: Kysely<unknown>, keyRing: KeyRing): Promise<void>;
}

export const migrationFolder: string = path.join(import.meta.dirname, "versions");

function providerWith(keyRing: () => KeyRing): MigrationProvider {
  return new FileMigrationProvider({
    fs: { readdir },
    path,
    migrationFolder,
    async import(file) {
      const { up }: MigrationFile = await import(pathToFileURL(file).href);
      return { up: (database: Kysely<unknown>) => up(database, keyRing()) };
    },
  });
}
