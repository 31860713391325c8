import { basename, dirname } from "node:path";
import type { StoredBytes } from "@wuts/contract";
import type { Request, Response } from "express";
import { Failure } from "../../kernel/failures.ts";
import { privateRevalidate } from "../pipeline/headers.ts";

/** The success and range statuses of an operation that responds with bytes; its errors have others. */
export const statusesOfBytes: readonly number[] = [200, 206, 304, 416];

/**
 * Sends bytes, a range of them (206), or 304 when the client has them already, as the request's headers say.
 * @throws Failure RangeNotSatisfiable, and what getting the bytes throws
 */
export async function sendBytes(
  request: Request,
  response: Response,
  { etag, open }: StoredBytes,
  contentType: string,
): Promise<void> {
  response.setHeader("ETag", etag).setHeader("Cache-Control", privateRevalidate);
  // The Fetch Standard has clients add `no-cache` to each request that has an `If-None-Match` of their own.
  delete request.headers["cache-control"];
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  // These headers are for changes (RFC 9110, 13.1.1), and `send` would answer them with a status that no operation here has.
  delete request.headers["if-match"];
  delete request.headers["if-unmodified-since"];
  try {
    const { path, close } = await open();
    response.type(contentType);
    await sendFile(response, path).finally(close);
  } catch (error) {
    // The headers belong to a response that is not sent.
    if (!response.headersSent)
      for (const name of ["ETag", "Accept-Ranges", "Content-Type"]) response.removeHeader(name);
    throw error;
  }
}

function sendFile(response: Response, path: string): Promise<void> {
  const options = {
    root: dirname(path),
    dotfiles: "allow",
    cacheControl: false,
    etag: false,
    lastModified: false,
  } as const;
  return new Promise((resolve, reject) => {
    response.sendFile(basename(path), options, (error: unknown) => {
      const { status, code } = Object(error);
      // The client has disconnected.
      if (!error || code === "ECONNABORTED" || code === "ECONNRESET" || code === "EPIPE") resolve();
      else if (status === 416) reject(new Failure("RangeNotSatisfiable"));
      else reject(new Failure("InternalError", { cause: error }));
    });
  });
}
