import { createHash, type Hash, hash } from "node:crypto";
import type { OperationDescription } from "@wuts/contract";
import type { Request } from "express";

/**
 * Digests what a valid request asks for: its operation, path, query and body. The order of parameters and fields, white space in
 * the JSON and defaults that are written out make no difference.
 * @returns SHA-256, hex. It tells whether a guess at the body is right, so it is stored sealed only
 */
export function digestOf(request: Request, { operationId }: OperationDescription): string {
  const path = request.path.split("/").map(decodeURIComponent);
  const digest = createHash("sha256");
  add(digest, [operationId, path, request.query, request.body]);
  return digest.digest("hex");
}

/** @returns the id under which the key of an owner is stored, SHA-256 in hex */
export function idOfKey(owner: string, key: string): string {
  return hash("sha256", JSON.stringify([owner, key]));
}

/** Adds parsed JSON, unambiguously: each value with its type and its length. Large texts are not copied. */
function add(digest: Hash, value: unknown): void {
  if (typeof value === "string") {
    digest.update(`s${Buffer.byteLength(value)}:`).update(value);
  } else if (Array.isArray(value)) {
    digest.update(`a${value.length}:`);
    for (const item of value) add(digest, item);
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1));
    digest.update(`o${entries.length}:`);
    for (const entry of entries) add(digest, entry);
  } else {
    digest.update(`v${String(value)};`);
  }
}
