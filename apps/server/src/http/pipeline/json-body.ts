import { isUtf8 } from "node:buffer";
import express, { type NextFunction, type Request, type Response } from "express";
import { Failure, validationFailure } from "../../kernel/failures.ts";

/**
 * Reads JSON bodies of at most `limit` bytes, in UTF-8: JSON is written in nothing else (RFC 8259, section 8.1), and a
 * reader that takes bytes which are no character for U+FFFD keeps a text that nobody has sent.
 *
 * Express's own reader says that a body is too large only when it has read all of it, so whoever never stops sending would
 * never be told. Here the answer comes as soon as the limit is passed; the HTTP server ends what goes on after it.
 * @returns a reader, which says of how many bytes each part is; when it may not go on, `onBytes` throws
 */
export function readJsonBody(
  limit: number,
): (request: Request, response: Response, onBytes: (bytes: number) => void, next: NextFunction) => void {
  const read = express.json({ limit, inflate: false, verify: requireJsonText });
  return (request, response, onBytes, next) => {
    let answered = false;
    const once = (error?: unknown) => {
      if (answered) return;
      answered = true;
      request.off("data", count);
      next(error);
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
    read(request, response, once);
  };
}

function requireJsonText(_request: unknown, _response: unknown, body: Buffer, charset: string): void {
  // Express takes nothing for `{}`, which is a body where no field is required. Here every body is.
  if (body.length === 0) throw validationFailure({ field: "body", message: "is required" });
  if (charset !== "utf-8")
    throw new Failure("UnsupportedMediaType", { message: "the body must be in UTF-8" });
  if (!isUtf8(body)) throw validationFailure({ field: "body", message: "is not UTF-8" });
}

/** That a body has more bytes than it may have. */
export function tooLarge(limit: number): Failure {
  return new Failure("PayloadTooLarge", { message: `the body is larger than ${limit} bytes` });
}
