import type { KeysetCursor } from "./keyset-cursor.ts";

// Clients hold these texts while the server is replaced: they are read in later versions as they are written here.

/** @returns the cursor that the client sends to get the next page, `null` when there is none */
export function encodeCursor(next: KeysetCursor | undefined): string | null {
  return next ? encode(`${next.at} ${next.id}`) : null;
}

/** Decodes a cursor. Each text that the contract accepts is a position in the list, if only behind its end. */
export function decodeCursor(cursor: string | undefined): KeysetCursor | undefined {
  if (cursor === undefined) return undefined;
  const [at = "", id = ""] = decode(cursor).split(" ");
  return { at, id };
}

/** As `encodeCursor`, for lists that are ordered by one text. */
export function encodeKey(next: string | undefined): string | null {
  return next === undefined ? null : encode(next);
}

/** As `decodeCursor`. */
export function decodeKey(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : decode(cursor);
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** Databases do not all take a NUL in a text; no key has one. */
function decode(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString().replaceAll("\0", "");
}
