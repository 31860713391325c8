import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FieldError } from "@wuts/contract";
import { validationFailure } from "../../kernel/failures.ts";
import type { SurplusBytes } from "../fairness/surplus-bytes.ts";
import { noStore } from "../pipeline/headers.ts";
import { maxHeaderBytes } from "../pipeline/url-limit.ts";
import { errorEnvelope, failures } from "./errors.ts";

const refused = new WeakSet<Duplex>();

/**
 * Answers malformed HTTP with 400 in the error envelope, where Node would send no body, and closes the connection: the start of
 * the next request cannot be found.
 * @param problem a description, or the error of Node's parser
 * @param status another status than 400
 */
export function rejectMalformedRequest(
  socket: Duplex,
  problem: FieldError | NodeJS.ErrnoException,
  surplus: SurplusBytes,
  status = failures.ValidationFailed.status,
): void {
  // The parser reports every further chunk, too. It is read and dropped, like the rest of an unread body.
  if (refused.has(socket)) return;
  if (!socket.writable) return void socket.destroy();
  refused.add(socket);
  const failure = validationFailure("field" in problem ? problem : inWords(problem));
  const request_id = randomUUID();
  const body = JSON.stringify(errorEnvelope(failure, request_id));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${request_id}`,
    `Cache-Control: ${noStore}`,
    "X-Content-Type-Options: nosniff",
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  surplus.drop(socket, socket);
}

function inWords({ code }: NodeJS.ErrnoException): FieldError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { field: "headers", message: `are larger than ${maxHeaderBytes} bytes, together with the URL` };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { field: "request", message: "did not arrive in time" };
    default:
      return { field: "request", message: "is not HTTP" };
  }
}
