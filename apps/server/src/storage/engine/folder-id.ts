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
 * Gets the id of a data folder, for a database that servers with other folders use as well. The id is in a file of the folder
 * that also identifies the file itself: a copied file does not match, so a copied folder gets an id of its own.
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

/**
 * Identifies a file by its inode and birth time. The device number is left out: it may change when the machine restarts.
 */
function placeOf(file: number): string {
  const { ino, birthtimeNs } = fstatSync(file, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}
