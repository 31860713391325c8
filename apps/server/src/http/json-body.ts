import express, { type RequestHandler } from "express";
import { Failure } from "../failures.ts";

/**
 * Reads JSON bodies of at most `limit` bytes.
 *
 * Express's own reader says that a body is too large only when it has read all of it, so whoever never stops sending would
 * never be told. Here the answer comes as soon as the limit is passed; the HTTP server ends what goes on after it.
 */
export function readJsonBody(limit: number): RequestHandler {
  const read = express.json({ limit, inflate: false });
  return (request, response, next) => {
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
      if (received > limit) once(tooLarge(limit));
    };
    if (Number(request.headers["content-length"]) > limit) {
      once(tooLarge(limit));
      return;
    }
    request.on("data", count);
    read(request, response, once);
  };
}

function tooLarge(limit: number): Failure {
  return new Failure("PayloadTooLarge", { message: `the body is larger than ${limit} bytes` });
}
