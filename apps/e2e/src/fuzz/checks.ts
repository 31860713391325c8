import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { OperationDescription } from "@wuts/contract";
import type { Answer } from "../support/ask.ts";
import type { Surroundings } from "./valid.ts";
import { type Connection, openConnection, type WireAnswer, type WireRequest } from "./wire.ts";
import type { WrongRequest } from "./wrong/wrong.ts";

/** Valid requests may have to wait for WhatsApp. */
const waitForWhatsAppMs = 10_000;

/** Sends a valid request. @returns the answer @throws AssertionError when it is none that the contract allows */
export async function askValid(
  url: string,
  operation: OperationDescription,
  request: WireRequest,
  around: Surroundings,
): Promise<WireAnswer> {
  return connected(url, async (connection) => {
    const answer = await connection.ask(request, around.deadlineMs + waitForWhatsAppMs);
    const isRefused = answer.status === 400 && !isForCursor(answer, request);
    assert.ok(!isRefused && answer.status !== 500, `${answer.status} ${answer.text}`);
    around.described.assertDescribed(withRequestId(answer, request, around), operation);
    return answer;
  });
}

/** Which cursors a list has given, no schema says. */
function isForCursor({ body }: WireAnswer, { target }: WireRequest): boolean {
  const isSent = new URL(target, "http://127.0.0.1").searchParams.has("cursor");
  return isSent && Reflect.get(Object(body), "error_code") === "INVALID_CURSOR";
}

/**
 * Sends a wrong request. @returns the answer
 * @throws AssertionError when it is not refused as the contract says, or the server is not well afterwards
 */
export async function askWrong(
  url: string,
  operation: OperationDescription,
  request: WrongRequest,
  around: Surroundings,
): Promise<WireAnswer> {
  const answer = await connected(url, async (connection) => {
    const refusal = await connection.ask(request.wire, around.deadlineMs);
    assertRefused(refusal, operation, request, around);
    if (refusal.keptAlive) await assertWell(connection, around);
    return refusal;
  });
  await connected(url, (connection) => assertWell(connection, around));
  return answer;
}

async function connected<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await openConnection(url);
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

function assertRefused(
  answer: WireAnswer,
  operation: OperationDescription,
  { wire, statuses, unreadable }: WrongRequest,
  around: Surroundings,
): void {
  const code: unknown = Reflect.get(Object(answer.body), "error_code");
  // A large body is not read for a device that the caller does not have: what is wrong with it is not known.
  const isUnread = operation.hasPicture && isLarge(wire) && judgedBeforeBody.includes(String(code));
  assert.ok(
    statuses.includes(answer.status) || isUnread,
    `${answer.status} ${answer.text}, not ${statuses.join(" or ")}`,
  );
  if (unreadable) assert.equal(answer.keptAlive, false, "it is not known where the next request would begin");
  // An answer to HEAD has no body.
  if (wire.method === "HEAD") return;
  const full = unreadable ? { ...answer, requestId: ownId(answer) } : withRequestId(answer, wire, around);
  const isOfOperation = operation.responses.some(
    ({ status, errorCodes }) => status === answer.status && errorCodes.some((each) => each === code),
  );
  const isNothingThere = answer.status === 404 && code === "NOT_FOUND";
  // A handler that looks for something did not see that the request is wrong.
  assert.ok(
    !isOfOperation || answer.status !== 404 || isNothingThere || isUnread,
    `it is not taken for wrong: ${answer.text}`,
  );
  if (isOfOperation && !isNothingThere) around.described.assertDescribed(full, operation);
  else around.described.assertDescribedForNone(full);
}

const judgedBeforeBody = ["DEVICE_NOT_FOUND", "DEVICE_AMBIGUOUS"];

function isLarge({ body, framing }: WireRequest): boolean {
  return framing === "length" && (body?.length ?? 0) > 16_384;
}

/** Asserts that the server answers a good request, and answers this one. */
async function assertWell(connection: Connection, around: Surroundings): Promise<void> {
  const { method, path, ...operation } = harmlessOperation(around.operations);
  const requestId = randomUUID();
  const headers: WireRequest["headers"] = [
    ["Host", "127.0.0.1"],
    ["X-Request-Id", requestId],
    ["Authorization", `Bearer ${around.token}`],
  ];
  const answer = await connection.ask(
    { method: method.toUpperCase(), target: path, headers },
    around.deadlineMs,
  );
  assert.ok(answer.status < 300, `then a good request is answered ${answer.status} ${answer.text}`);
  around.described.assertDescribed({ ...answer, requestId }, { method, path, ...operation });
}

/** One that needs no more than a token, and succeeds in any state of the world. */
function harmlessOperation(operations: readonly OperationDescription[]): OperationDescription {
  const found = operations.find(
    ({ method, path, responses, ...operation }) =>
      method === "get" &&
      !operation.public &&
      !path.includes("{") &&
      responses.every(
        ({ status, errorCodes }) =>
          [200, 400, 401, 429, 500].includes(status) ||
          errorCodes.every((code) => ["STORAGE_UNAVAILABLE", "SERVER_BUSY"].includes(code)),
      ),
  );
  assert.ok(found, "the contract has no operation that always succeeds");
  return found;
}

/** The answer, and the id that it must carry: the one that was sent, if that may be one. */
function withRequestId(answer: WireAnswer, { headers }: WireRequest, around: Surroundings): Answer {
  const [, sent] = headers.find(([name]) => name === "X-Request-Id") ?? [];
  if (sent !== undefined && around.schemas.isValid(around.requestId, sent))
    return { ...answer, requestId: sent };
  const requestId = ownId(answer);
  assert.notEqual(requestId, sent);
  return { ...answer, requestId };
}

/** The id that the server has chosen. */
function ownId({ headers }: WireAnswer): string {
  return headers.get("x-request-id") ?? "";
}
