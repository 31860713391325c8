import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { CdnFault } from "./cdn-faults.ts";
import type { CdnRequest } from "./cdn-requests.ts";
import type { CdnAnswer } from "./file-response.ts";

const CHUNK = Buffer.alloc(64 * 1024);

/** Writes an answer as the faults want it. Those of the body concern answers with a file, not refusals. */
export function sendResponse(
  response: ServerResponse,
  { method }: CdnRequest,
  { status, type, body, headers }: CdnAnswer,
  fault: CdnFault,
): void {
  const hasFile = status === 200 || status === 206;
  const size = hasFile ? fault.size : undefined;
  const length = size ? Math.max(size.bytes, body.length) : body.length;
  response.writeHead(status, {
    ...headers,
    "content-type": hasFile ? (fault.type ?? type) : type,
    ...(status === 304 || size?.declared === false ? {} : { "content-length": length }),
  });
  if (method === "HEAD" || status === 304) {
    response.end();
    return;
  }
  const most = hasFile ? (fault.cut ?? fault.stall) : undefined;
  if (most === undefined) {
    Readable.from(padded(body, length), { objectMode: false }).pipe(response);
    return;
  }
  // The bytes have to leave before the connection is cut.
  response.write(body.subarray(0, Math.max(1, most)), () => {
    if (fault.cut !== undefined) response.destroy();
  });
  response.flushHeaders();
}

function* padded(body: Uint8Array, length: number): Generator<Uint8Array> {
  if (body.length > 0) yield body;
  for (let rest = length - body.length; rest > 0; rest -= CHUNK.length) yield CHUNK.subarray(0, rest);
}
