import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SimulatorState } from "@wuts/whatsapp-simulator";

/** The sandbox's file in its data folder, beside the server's data. */
export interface SavedState {
  readonly token: string;
  /** Missing in files of earlier versions. */
  readonly masterToken?: string;
  /** The simulator's snapshot, which it validates when it loads it. */
  readonly simulator: SimulatorState;
}

/** @returns the state of an earlier sandbox in this folder, if there is one */
export async function readState(dataDir: string): Promise<SavedState | undefined> {
  try {
    return JSON.parse(await readFile(file(dataDir), "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes the file atomically: a crash leaves the old or the new one. */
export async function writeState(dataDir: string, state: SavedState): Promise<void> {
  await writeFile(`${file(dataDir)}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${file(dataDir)}.new`, file(dataDir));
}

function file(dataDir: string): string {
  return join(dataDir, "sandbox.json");
}
