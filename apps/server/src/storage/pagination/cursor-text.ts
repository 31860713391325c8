import type { Position } from "./keyset-cursor.ts";

/** @returns what the caller passes back to get the next page, `null` when there is none */
export function writeCursor(next: Position | undefined): string | null {
  return next ? Buffer.from(`${next.at} ${next.id}`).toString("base64url") : null;
}

/** Whatever the contract takes for a cursor is a place in the list, if only behind its end. */
export function readCursor(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const [at = "", id = ""] = textOf(cursor).split(" ");
  return { at, id };
}

/** As `writeCursor`, for lists that are ordered by one text. */
export function writeTextCursor(next: string | undefined): string | null {
  return next === undefined ? null : Buffer.from(next).toString("base64url");
}

/** As `readCursor`. */
export function readTextCursor(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : textOf(cursor);
}

/** Databases do not all take a NUL in a text; no place has one. */
function textOf(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString().replaceAll("\0", "");
}
