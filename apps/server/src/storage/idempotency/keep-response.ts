import type { Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";

/**
 * Keeps the response to a request with an `Idempotency-Key` in the transaction of its effect: both are committed, or neither.
 * Call it once, last in the transaction. It does nothing for a request without such a key.
 * @param data of the response's envelope
 * @param made a tenant that the request has made: the response is forgotten with it
 * @throws Failure IdempotencyKeyInUse when another request has taken the key over: the transaction must be rolled back
 */
export type KeepResponse = (
  transaction: Transaction<Tables>,
  data: unknown,
  made?: { readonly tenantId: string },
) => Promise<void>;

/** For what no request with an `Idempotency-Key` asks for. */
export const keepNothing: KeepResponse = () => Promise.resolve();
