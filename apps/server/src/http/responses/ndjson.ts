import { once } from "node:events";
import type { Contract, OperationDescription } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import type { Request, Response } from "express";
import { Failure } from "../../kernel/failures.ts";
import type { Violations } from "../contract/request-validator.ts";
import type { Schemas } from "../contract/schema-compiler.ts";
import { successEnvelope } from "./success.ts";

/** Whether the client prefers NDJSON. If it accepts both types equally, JSON wins. */
export function acceptsNdjson(request: Request, { ndjsonItem }: OperationDescription): boolean {
  return ndjsonItem !== null && request.accepts(["application/json", linesType]) === linesType;
}

/** Whether an NDJSON response has begun, so that another line can be sent. */
export function isStreamingNdjson(response: Response): boolean {
  return response.headersSent && response.get("Content-Type")?.startsWith(linesType) === true;
}

/** Sends a response as NDJSON. */
export type NdjsonWriter = (
  request: Request,
  response: Response,
  operation: OperationDescription,
  lines: AsyncIterable<unknown>,
  /** Aborted when the client has disconnected or the caller's token has ended. */
  closed: AbortSignal,
) => Promise<void>;

/**
 * Creates a writer that sends lines as they come and as fast as the client reads them, each in an envelope and validated
 * against the contract. It sends nothing before the first line exists, so that an earlier failure still gets its own status.
 * The writer throws the errors of the lines' source, the reason of `signal`, and Failure InternalError for a line that breaks
 * the contract.
 */
export function createNdjsonWriter(
  { operations }: Contract,
  schemas: Schemas,
  violations: Violations,
): NdjsonWriter {
  const checks = new Map(
    operations.flatMap(({ operationId, ndjsonItem }) =>
      ndjsonItem === null
        ? []
        : [[operationId, schemas.compile({ $ref: `#/components/schemas/${ndjsonItem}` })]],
    ),
  );
  return async (request, response, { operationId }, lines, closed) => {
    const isAsDescribed = checks.get(operationId);
    for await (const data of lines) {
      closed.throwIfAborted();
      const line = successEnvelope(data);
      if (!isAsDescribed?.(line)) {
        const reason = `a line: ${schemas.inWords(isAsDescribed?.errors)}`;
        violations.report(request, reason);
        if (violations.fail) throw new Failure("InternalError", { cause: reason });
      }
      if (!response.headersSent) response.type(linesType);
      if (!response.write(`${JSON.stringify(line)}\n`)) await drained(response, closed);
    }
    response.end();
  };
}

async function drained(response: Response, closed: AbortSignal): Promise<void> {
  await once(response, "drain", { signal: closed }).catch((error: unknown) => {
    closed.throwIfAborted();
    throw error;
  });
}
