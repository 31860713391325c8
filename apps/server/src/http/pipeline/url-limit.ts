import type { RequestHandler } from "express";
import { validationFailure } from "../../kernel/failures.ts";

/** The URL and all headers of a request together, in bytes. More than that is not read. */
export const maxHeaderBytes = 16_384;

/** A URL, in bytes. RFC 9110 (section 4.1) asks servers to take 8,000. */
const maxUrlBytes = 8_192;

/** Refuses URLs that are too long before anybody looks at what they say. */
export const rejectLongUrls: RequestHandler = (request, _response, next) => {
  if (request.originalUrl.length > maxUrlBytes)
    throw validationFailure({ field: "URL", message: `is longer than ${maxUrlBytes} bytes` });
  next();
};
