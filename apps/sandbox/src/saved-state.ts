import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SimulatorState } from "@wuts/whatsapp-simulator";

/** What a sandbox with a data folder of its own keeps there beside the server's data. */
export interface SavedState {
  readonly token: string;
  /** An earlier version had none. */
  readonly masterToken?: string;
  /** As the simulator gave it; it checks what it gets back. */
  readonly simulator: SimulatorState;
}

/** @returns what an earlier sandbox kept in this folder, if one did */
export async function readState(dataDir: string): Promise<SavedState | undefined> {
  try {
    return JSON.parse(await readFile(file(dataDir), "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes it so that a crash leaves either the old or the new one. */
export async function writeState(dataDir: string, state: SavedState): Promise<void> {
  await writeFile(`${file(dataDir)}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${file(dataDir)}.new`, file(dataDir));
}

function file(dataDir: string): string {
  return join(dataDir, "sandbox.json");
}
