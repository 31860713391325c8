import { isUtf8 } from "node:buffer";
import express, { type NextFunction, type Request, type Response } from "express";
import { Failure, validationFailure } from "../../kernel/failures.ts";

/**
 * Reads JSON bodies of at most `limit` bytes, in UTF-8: JSON allows no other encoding (RFC 8259, section 8.1), and a reader
 * that replaces invalid bytes with U+FFFD stores a text that no client has sent.
 *
 * Express's own reader reports a body as too large only after it has read all of it, so a client that never stops sending would
 * never get a response. Here the response comes as soon as the limit is passed; the HTTP server drains the rest.
 * @returns a reader that calls `onBytes` with the size of each chunk; `onBytes` throws to reject the request
 */
export function readJsonBody(
  limit: number,
): (request: Request, response: Response, onBytes: (bytes: number) => void, next: NextFunction) => void {
  const read = express.json({ limit, inflate: false, strict: false, verify: requireJsonText });
  return (request, response, onBytes, next) => {
    let answered = false;
    const once = (error?: unknown) => {
      if (answered) return;
      answered = true;
      request.off("data", count);
      next(error ?? illFormedText(request.body));
    };
    let received = 0;
    const count = (chunk: Buffer) => {
      received += chunk.length;
      try {
        if (received > limit) throw tooLarge(limit);
        onBytes(chunk.length);
      } catch (error) {
        once(error);
      }
    };
    request.on("data", count);
    nameUtf8(request);
    read(request, response, once);
  };
}

function requireJsonText(_request: unknown, _response: unknown, body: Buffer, charset: string): void {
  // Express reads an empty body as `{}`, which is valid where no field is required. Here every operation requires a body.
  if (body.length === 0) throw validationFailure({ field: "body", message: "is required" });
  if (charset !== "utf-8")
    throw new Failure("UnsupportedMediaType", { message: "the body must be in UTF-8" });
  if (!isUtf8(body)) throw validationFailure({ field: "body", message: "is not UTF-8" });
}

/** Many clients write `utf8`, which names no charset, for `utf-8`. */
function nameUtf8({ headers }: Request): void {
  headers["content-type"] = headers["content-type"]?.replace(
    /;\s*charset\s*=\s*("?)utf8\1/i,
    "; charset=utf-8",
  );
}

/**
 * Finds a string with half of a surrogate pair, which only an escape such as `\\ud800` can make. It is no Unicode text: a
 * database would store it with U+FFFD in place of it, which no client has sent.
 */
function illFormedText(body: unknown): Failure | undefined {
  const left: { readonly field: string; readonly value: unknown }[] = [{ field: "", value: body }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { field, value } = next;
    if (typeof value === "string" && !value.isWellFormed()) return halfOfAPair(field || "body");
    if (typeof value !== "object" || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      if (!name.isWellFormed()) return halfOfAPair(field || "body");
      left.push({ field: field === "" ? name : `${field}.${name}`, value: part });
    }
  }
  return undefined;
}

function halfOfAPair(field: string): Failure {
  return validationFailure({
    field,
    message: "has half of a surrogate pair, such as \\ud800: it is no text",
  });
}

/** Creates the failure for a body that exceeds the limit. */
export function tooLarge(limit: number): Failure {
  return new Failure("PayloadTooLarge", { message: `the body is larger than ${limit} bytes` });
}
