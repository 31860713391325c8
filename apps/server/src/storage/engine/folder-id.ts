import { randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/**
 * By what a data folder is known to a database that servers with other folders use as well. It is in a file of the folder that
 * says which file it is itself: that of a copied folder is another one, so a copy gets an id of its own.
 * @returns the id, made when there is none yet
 * @throws what the file system says
 */
export function folderIdOf(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, folderIdFile);
  const known = readId(path);
  if (known !== undefined) return known;
  const draft = `${path}.${randomUUID()}`;
  const id = writeId(draft);
  try {
    linkSync(draft, path);
    return id;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    // Another server on the folder has made one in the meantime; else it is that of a copied folder.
    const made = readId(path);
    if (made !== undefined) return made;
    renameSync(draft, path);
    return id;
  } finally {
    rmSync(draft, { force: true });
  }
}

const folderIdFile = "folder-id";

/** @returns `undefined` when there is no such file, or it was copied */
function readId(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const [id, ...place] = readFileSync(file, "utf8").trim().split(" ");
    return place.join(" ") === placeOf(file) ? id : undefined;
  } finally {
    closeSync(file);
  }
}

function writeId(path: string): string {
  const [file, id] = [openSync(path, "wx", 0o600), randomUUID()];
  try {
    writeFileSync(file, `${id} ${placeOf(file)}\n`);
    return id;
  } finally {
    closeSync(file);
  }
}

/** The number of a device may be another one when a machine has started anew. */
function placeOf(file: number): string {
  const { ino, birthtimeNs } = fstatSync(file, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}
