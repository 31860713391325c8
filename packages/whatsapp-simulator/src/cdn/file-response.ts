import { createHash } from "node:crypto";
import type { CdnRequest } from "./cdn-requests.ts";

/** Bytes that the CDN holds. */
export interface CdnFile {
  readonly body: Uint8Array;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export interface CdnAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** 200, 206 for a single range, 304 for what the client has already, 416 for a range behind the end (RFC 9110). */
export function fileResponse({ headers }: CdnRequest, { body, type, modified }: CdnFile): CdnAnswer {
  const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
  const lastModified = new Date(modified).toUTCString();
  const shared = {
    etag,
    "last-modified": lastModified,
    "accept-ranges": "bytes",
    "cache-control": "max-age=1209600, no-transform",
  };
  const known = text(headers["if-none-match"]);
  const isUnchanged = known
    ? known.split(",").some((each) => each.trim().replace(/^W\//, "") === etag || each.trim() === "*")
    : Date.parse(text(headers["if-modified-since"])) >= Date.parse(lastModified);
  if (isUnchanged) return { status: 304, type, body: Buffer.alloc(0), headers: shared };

  const condition = text(headers["if-range"]);
  const range =
    condition === "" || condition === etag || condition === lastModified
      ? readRange(text(headers.range), body.length)
      : undefined;
  if (range === undefined) return { status: 200, type, body, headers: shared };
  if (range === "unsatisfiable")
    return refusal(416, "Range not satisfiable", { "content-range": `bytes */${body.length}` });
  const { first, last } = range;
  return {
    status: 206,
    type,
    body: body.subarray(first, last + 1),
    headers: { ...shared, "content-range": `bytes ${first}-${last}/${body.length}` },
  };
}

export function refusal(status: number, reason: string, headers: Record<string, string> = {}): CdnAnswer {
  return { status, type: "text/plain; charset=utf-8", body: Buffer.from(reason), headers };
}

/** `bytes=0-9`, `bytes=10-` or `bytes=-5`. Several ranges, or what is none, count as no range at all. */
function readRange(header: string, length: number) {
  const [, start, end] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (start === undefined || end === undefined || (start === "" && end === "")) return undefined;
  const first = start === "" ? Math.max(0, length - Number(end)) : Number(start);
  const last = start === "" || end === "" ? length - 1 : Math.min(Number(end), length - 1);
  if (start !== "" && end !== "" && Number(end) < first) return undefined;
  return first >= length ? "unsatisfiable" : { first, last };
}

function text(header: string | string[] | undefined): string {
  return typeof header === "string" ? header : "";
}
