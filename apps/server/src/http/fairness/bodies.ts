import type { OperationDescription } from "@wuts/contract";
import type { Request, RequestHandler } from "express";
import type { Caller } from "../../kernel/caller.ts";
import { callerOf } from "../pipeline/authenticate.ts";
import { readJsonBody, tooLarge } from "../pipeline/json-body.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import { giveBackAfter, type Shares, type Taken } from "./shares.ts";
import { ownerOf } from "./under-way.ts";

export interface BodiesOptions {
  /** Of the largest body that an operation takes, in bytes. */
  readonly limitOf: (operation: OperationDescription) => number;
  /** Of the bytes of all bodies that are read, or whose requests are not answered yet. */
  readonly shares: Shares;
  /** @throws Failure when a caller has no such device, or when it cannot be told which one is meant */
  readonly requireDevice: (caller: Caller, deviceId: string | undefined) => Promise<void>;
}

/**
 * Reads request bodies for authenticated callers and public operations only. A large body is read only when the caller has the
 * device that it is for. Bodies that the operation does not declare are ignored.
 */
export function readBodies({ limitOf, shares, requireDevice }: BodiesOptions): RequestHandler {
  const readers = new Map<number, ReturnType<typeof readJsonBody>>();
  return async (request, response, next) => {
    const operation = operationOf(request);
    const caller = callerOf(request);
    const isLetIn = caller !== undefined || operation?.role === "public";
    if (!isLetIn || !operation?.hasBody) return next();
    const limit = limitOf(operation);
    const declared = declaredLength(request);
    if (declared !== undefined && declared > limit) throw tooLarge(limit);
    // What is wrong with a small body is told first, as it is anywhere else.
    const isLarge = declared !== undefined && declared > smallBytes;
    if (isLarge && operation.hasPicture && caller?.kind === "user") {
      const named = request.query.device_id;
      // What is no id is refused with everything else that is wrong.
      if (named === undefined || isId(named)) await requireDevice(caller, named);
    }
    const read = readers.get(limit) ?? readJsonBody(limit);
    readers.set(limit, read);
    const taken = operation.role === "public" ? uncounted : shares.of(ownerOf(request));
    giveBackAfter(response, taken);
    // What a body takes of memory is counted before it is read, as far as its length is declared.
    if (declared !== undefined) taken.more(declared);
    const onBytes = (bytes: number) => {
      if (declared === undefined) taken.more(bytes);
    };
    read(request, response, onBytes, next);
  };
}

/**
 * What everybody may send is small, and takes no more of the server than its connection and its headers do. Counted, bodies that
 * never come would leave no room to those who have a token.
 */
const uncounted: Taken = { more: () => undefined, giveBack: () => undefined };

/** Less than this costs no more to read than to refuse. */
const smallBytes = 16_384;

/** @returns in bytes, or `undefined` for a body that comes in chunks */
function declaredLength({ headers }: Request): number | undefined {
  const declared = headers["content-length"];
  return declared === undefined ? undefined : Number(declared);
}

function isId(value: Request["query"][string]): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
}
