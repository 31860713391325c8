import type { IncomingMessage } from "node:http";

/** Lets any page call the mock, and read the headers that a client needs. */
export const corsHeaders = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers":
    "X-Request-Id, Retry-After, WWW-Authenticate, ETag, Accept-Ranges, Content-Range",
};

/** Whether the request is a CORS preflight. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

/** Allows everything. `*` would not cover `Authorization`, so the requested headers are listed. */
export function preflightHeaders({ headers }: IncomingMessage): Record<string, string> {
  return {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers":
      headers["access-control-request-headers"] ?? "Authorization, Content-Type, Prefer, X-Request-Id",
    "Access-Control-Max-Age": "600",
    Vary: "Access-Control-Request-Headers",
  };
}
