import type { OperationDescription } from "@wuts/contract";
import type { Request, RequestHandler } from "express";
import type { Caller } from "../../kernel/caller.ts";
import { uuidPattern } from "../contract/canonical-uuids.ts";
import { callerOf } from "../pipeline/authenticate.ts";
import { readJsonBody, tooLarge } from "../pipeline/json-body.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import { giveBackAfter, type Shares, type Taken } from "./shares.ts";
import { ownerOf } from "./under-way.ts";

export interface BodiesOptions {
  /** The largest body that an operation takes, in bytes. */
  readonly limitOf: (operation: OperationDescription) => number;
  /** Shares of the bytes of all bodies that are being read, or whose requests have no response yet. */
  readonly shares: Shares;
  /** @throws Failure when the caller has no such device, or when the device is ambiguous */
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
    // A small body is read first, so that its errors are reported as for any other operation.
    const isLarge = declared !== undefined && declared > smallBytes;
    if (isLarge && operation.hasPicture && caller?.kind === "user") {
      const named = request.query.device_id;
      // An invalid id is rejected later, together with all other validation errors.
      if (named === undefined || isId(named)) await requireDevice(caller, named);
    }
    const read = readers.get(limit) ?? readJsonBody(limit);
    readers.set(limit, read);
    const taken = operation.role === "public" ? uncounted : shares.of(ownerOf(request));
    giveBackAfter(response, taken);
    // The declared length counts before the body is read, because of the memory that the body takes.
    if (declared !== undefined) taken.more(declared);
    const onBytes = (bytes: number) => {
      if (declared === undefined) taken.more(bytes);
    };
    read(request, response, onBytes, next);
  };
}

/**
 * Bodies of public operations are not counted. They are small, and take no more of the server than their connection and headers
 * do. If they counted, bodies that never arrive would leave no room for callers with a token.
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
  return typeof value === "string" && uuidPattern.test(value);
}
