import type { RequestHandler } from "express";
import { validationFailure } from "../../kernel/failures.ts";

/** The maximum size of a request's URL and headers together, in bytes. The server reads no more than that. */
export const maxHeaderBytes = 16_384;

/** The maximum size of a URL, in bytes. RFC 9110 (section 4.1) asks servers to accept 8,000. */
const maxUrlBytes = 8_192;

/** Rejects URLs that are too long before any other code parses them. */
export const rejectLongUrls: RequestHandler = (request, _response, next) => {
  if (request.originalUrl.length > maxUrlBytes)
    throw validationFailure({ field: "URL", message: `is longer than ${maxUrlBytes} bytes` });
  next();
};
