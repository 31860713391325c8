import { watch } from "node:fs";
import { basename, dirname } from "node:path";

/** How long a file must be left alone before it is looked at: editors write in several steps. */
const quietMs = 100;

/**
 * Calls `look` in a moment, and again after each change of a file, one call after the other. The folder is watched and
 * not the file: an editor that replaces the file would leave the watch on the one that is gone.
 * @param look must not reject
 * @param lost is told when changes are not noticed, or not any more
 */
export function watchFile(path: string, look: () => Promise<void>, lost: (error: unknown) => void): void {
  let looking = Promise.resolve();
  const timer = setTimeout(() => {
    looking = looking.then(look);
  }, quietMs);
  try {
    watch(dirname(path), (_event, name) => {
      if (name === null || name === basename(path)) timer.refresh();
    }).on("error", lost);
  } catch (error) {
    lost(error);
  }
}
