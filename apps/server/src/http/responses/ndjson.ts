import { once } from "node:events";
import type { Contract, OperationDescription } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import type { Request, Response } from "express";
import { Failure } from "../../kernel/failures.ts";
import type { Violations } from "../contract/request-validator.ts";
import type { Schemas } from "../contract/schema-compiler.ts";

/** Whether the client prefers NDJSON. If it accepts both types equally, JSON wins. */
export function acceptsNdjson(request: Request, { ndjsonItem }: OperationDescription): boolean {
  return ndjsonItem !== null && request.accepts(["application/json", linesType]) === linesType;
}

/** Whether it is lines that have begun to be sent, so that one more can be. */
export function isStreamingNdjson(response: Response): boolean {
  return response.headersSent && response.get("Content-Type")?.startsWith(linesType) === true;
}

/** Sends an answer line by line. */
export type NdjsonWriter = (
  request: Request,
  response: Response,
  operation: OperationDescription,
  lines: AsyncIterable<unknown>,
  /** Aborted when nobody waits for the answer any more. */
  closed: AbortSignal,
) => Promise<void>;

/**
 * Sends lines as they come and as fast as they are read, each in an envelope and held against the contract. Nothing of the
 * answer is sent before there is a first line, so that what fails until then gets a status of its own. What is returned
 * throws whatever getting the lines throws, the reason of `signal`, and Failure InternalError for what breaks the contract.
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
      const line = { success: true, data };
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
