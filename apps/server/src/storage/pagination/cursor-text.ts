import { hash } from "node:crypto";
import { Failure } from "../../kernel/failures.ts";
import type { KeysetCursor } from "./keyset-cursor.ts";

// A cursor is base64url of a position in a list, and of a checksum over the list's name and the position. So one that was cut,
// changed or made up is refused, and so is one of another list, where it would skip rows or answer an empty page.
//
// The checksum has no key: it finds mistakes. A cursor that is made up on purpose is a position and gives no rights, since what
// a caller may see is decided without it. And each server on a database takes the cursors of the others.
//
// The name is what a request asks for: the kind of rows and, where it names one, the user or the device that has them. Filters
// are not in it: they choose rows, and the position is one in the order of all of them, so a page goes on rightly behind it
// whatever the filters are. Neither is the caller, whose rows are found by the token.
//
// Clients hold these texts while the server is replaced: they are read in later versions as they are written here.
//
// The longest text in a cursor is 61 bytes, a time and a UUID; a JID of a person has 35 at the most. With the checksum that
// makes 92 characters, and the contract allows 200. Search texts are not part of it.

/**
 * @param list the name of the list
 * @returns the cursor that the client sends to get the next page, `null` when there is none
 */
export function encodeCursor(list: string, next: KeysetCursor | undefined): string | null {
  return next ? encode(list, `${next.at} ${next.id}`) : null;
}

/** Decodes a cursor. @throws Failure InvalidCursor when this list has not given it */
export function decodeCursor(list: string, cursor: string | undefined): KeysetCursor | undefined {
  if (cursor === undefined) return undefined;
  const [at = "", id = ""] = decode(list, cursor).split(" ");
  return { at, id };
}

/** As `encodeCursor`, for lists that are ordered by one text. */
export function encodeKey(list: string, next: string | undefined): string | null {
  return next === undefined ? null : encode(list, next);
}

/** As `decodeCursor`. */
export function decodeKey(list: string, cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : decode(list, cursor);
}

/** How many bytes of a cursor are its checksum. One that was changed by mistake passes once in 2^64 times. */
const checksumBytes = 8;

function encode(list: string, position: string): string {
  const checksum = hash("sha256", `${list}\n${position}`, "buffer").subarray(0, checksumBytes);
  return Buffer.concat([Buffer.from(position), checksum]).toString("base64url");
}

function decode(list: string, cursor: string): string {
  const position = Buffer.from(cursor, "base64url").subarray(0, -checksumBytes).toString();
  // Compared as a text: several texts have the same bytes, as the last character may have bits that say nothing.
  // Databases do not all take a NUL in a text; no position has one.
  if (encode(list, position) === cursor && !position.includes("\0")) return position;
  const message = "must be the next_cursor of an earlier page of the same list, as it came";
  throw new Failure("InvalidCursor", { validation: [{ field: "cursor", message }] });
}
