import assert from "node:assert/strict";
import { type OperationDescription, operations, type ResponseDescription } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import type { Case, RawRequest } from "@wuts/contract-cases";
import { type Answer, ask } from "../support/ask.ts";
import { assertDescribed } from "../support/described.ts";
import type { Place } from "../support/worlds.ts";
import type { Target } from "./targets.ts";

const descriptions: readonly OperationDescription[] = operations;

/** Arranges a case, asks, asserts, and leaves the place as it was. */
export async function runCase(wanted: Case, target: Target, place: Place): Promise<void> {
  const operation = operationOf(wanted);
  const undo: (() => unknown)[] = [];
  const response = responseOf(wanted, operation);
  let request = both(wanted.request, {
    headers: { ...(response.lines && { Accept: linesType }), ...target.headersFor(wanted) },
  });
  try {
    if (place.world) {
      await wanted.arrange?.(
        place.world,
        (step) => undo.push(step),
        (more) => {
          request = both(request, more);
        },
      );
    }
    const answer = await ask(place, operation, request);
    assert.equal(answer.contentType, response.contentType ?? "", answer.text);
    assertAnswer(answer, wanted, operation);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function assertAnswer(
  answer: Answer,
  { status, outcome, shows = {} }: Case,
  operation: OperationDescription,
) {
  assert.equal(answer.status, status, `${answer.status} ${answer.text}`);
  // Set by the Prism proxy.
  assert.equal(answer.headers.get("sl-violations"), null);
  assertDescribed(answer, operation);
  if (status >= 400) assert.partialDeepStrictEqual(answer.body, { success: false, error_code: outcome });
  if (Object.keys(shows).length > 0) assert.partialDeepStrictEqual(answer.body, shows);
}

function both(one: RawRequest = {}, other: RawRequest): RawRequest {
  return {
    ...one,
    ...other,
    path: { ...one.path, ...other.path },
    query: { ...one.query, ...other.query },
    headers: { ...one.headers, ...other.headers },
    ...((one.body || other.body) && { body: { ...one.body, ...other.body } }),
  };
}

/** @returns `GET /qr: 504 WHATSAPP_TIMEOUT`, and what tells the case from others with the same outcome */
export function titleOf(wanted: Case): string {
  const { method, path } = operationOf(wanted);
  const about = wanted.about === undefined ? "" : `, ${wanted.about}`;
  return `${method.toUpperCase()} ${path}: ${wanted.status} ${wanted.outcome}${about}`;
}

/** @returns which of the operation's answers the case is about */
function responseOf({ status, outcome }: Case, { responses }: OperationDescription): ResponseDescription {
  const isMeant = (response: ResponseDescription) =>
    response.status === status && [...response.errorCodes, ...response.examples].includes(outcome);
  const found = responses.find(isMeant);
  assert.ok(found, `the contract has no ${status} ${outcome}`);
  return found;
}

function operationOf({ operationId }: Case): OperationDescription {
  const found = descriptions.find((operation) => operation.operationId === operationId);
  assert.ok(found, `the contract has no operation ${operationId}`);
  return found;
}
