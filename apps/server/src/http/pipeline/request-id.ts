import { randomUUID } from "node:crypto";
import type { RequestHandler, Response } from "express";

/** Assigns every request an id, the client's own if it sent a usable one, and sets `X-Request-Id` on every response. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const sent = request.get("x-request-id");
  const id = sent !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(sent) ? sent : randomUUID();
  response.setHeader("X-Request-Id", id);
  next();
};

/** @returns the id of the request that this response belongs to */
export function requestIdOf(response: Response): string {
  return String(response.getHeader("X-Request-Id"));
}
