import { watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Debounce in milliseconds: editors write a file in several steps. */
const debounceMs = 100;

/**
 * Calls `onChange` at the start and after each change of a file, one call after the other. It watches the folder, not the file:
 * an editor that replaces the file would end a watch on the file.
 * @param onChange must not reject
 * @param onLost called when the folder cannot be watched, or no longer
 */
export function watchFile(
  path: string,
  onChange: () => Promise<void>,
  onLost: (error: unknown) => void,
): void {
  let running = Promise.resolve();
  const timer = setTimeout(() => {
    running = running.then(onChange);
  }, debounceMs);
  try {
    watch(dirname(path), (_event, name) => {
      if (name === null || name === basename(path)) timer.refresh();
    }).on("error", onLost);
  } catch (error) {
    onLost(error);
  }
}
