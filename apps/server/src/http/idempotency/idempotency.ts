import { randomUUID } from "node:crypto";
import type { OperationDescription } from "@wuts/contract";
import { Mutex } from "async-mutex";
import type { Request, Response } from "express";
import type { Logger } from "pino";
import { workSoFar } from "../../kernel/concurrency/work-so-far.ts";
import { Failure, type FailureName } from "../../kernel/failures.ts";
import type { KeyRing } from "../../storage/encryption/key-ring.ts";
import type { Database } from "../../storage/engine/database.ts";
import {
  type IdempotencyKeyRepository,
  idempotencyKeyRepository,
  type KeptResponse,
  type KeyedRequest,
  type Reserved,
} from "../../storage/idempotency/idempotency-keys.repository.ts";
import { type KeepResponse, keepNothing } from "../../storage/idempotency/keep-response.ts";
import { callerOf } from "../pipeline/authenticate.ts";
import { successEnvelope } from "../responses/success.ts";
import { digestOf, idOfKey } from "./request-digest.ts";

/** The kept response of an earlier request. */
export class Replay {
  readonly #response: KeptResponse;

  constructor(response: KeptResponse) {
    this.#response = response;
  }

  /** Sends the response, byte by byte as it was. It was held against the contract when it was made. */
  send(response: Response): void {
    const { status, body } = this.#response;
    response.locals.replayed = true;
    response.status(status);
    response.setHeader("Idempotency-Replayed", "true");
    response.setHeader("Content-Type", "application/json; charset=utf-8");
    response.setHeader("Content-Length", Buffer.byteLength(body));
    response.end(body);
  }
}

/** The result of a handler that is wrapped into the success envelope. */
interface Answered {
  readonly status: number;
  readonly data: unknown;
}

export interface IdempotencyParts {
  readonly database: Database;
  readonly keyRing: KeyRing;
  /** Of this run of the server. */
  readonly serverId: string;
  readonly log: Logger;
  /** The time now, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Lets a request with an `Idempotency-Key` have its effect once. Its success is kept for a day and is the response to the same
 * request with the same key; a failure is not kept, and frees the key.
 */
export class Idempotency {
  readonly #database: Database;
  readonly #rows: IdempotencyKeyRepository;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #underWay = new Set<string>();
  readonly #tidying = new Mutex();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor({ database, keyRing, serverId, log, now = Date.now }: IdempotencyParts) {
    this.#database = database;
    this.#rows = idempotencyKeyRepository(database, keyRing, serverId, (id) => this.#underWay.has(id));
    this.#log = log;
    this.#now = now;
  }

  /**
   * Runs the handler of a valid request, unless the request has a key whose response is kept.
   * @param work gets what it keeps its response with, in the transaction of its effect, if its effect is one of the database
   * @returns the result of `work`, or the kept response
   * @throws Failure IdempotencyKeyReused, IdempotencyKeyInUse, Unauthorized; what `work` throws
   */
  async once<Result>(
    request: Request,
    operation: OperationDescription,
    work: (keep: KeepResponse) => Promise<Result>,
  ): Promise<Result | Replay> {
    const keyed = operation.takesIdempotencyKey ? keyedRequest(request, operation) : undefined;
    if (!keyed) return work(keepNothing);
    this.#underWay.add(keyed.attemptId);
    try {
      const reserved = await this.#rows.reserve(keyed, new Date(this.#now()));
      if (typeof reserved === "object") return new Replay(reserved);
      if (reserved !== "reserved") throw new Failure(refusals[reserved]);
      return await this.#attempt(keyed, operation, work);
    } finally {
      this.#underWay.delete(keyed.attemptId);
    }
  }

  async #attempt<Result>(
    keyed: KeyedRequest,
    { responses }: OperationDescription,
    work: (keep: KeepResponse) => Promise<Result>,
  ): Promise<Result> {
    const status = responses.find((response) => response.status < 300)?.status ?? 200;
    let isKept = false;
    const keep: KeepResponse = async (transaction, data, made) => {
      const response = keptResponse({ status, data });
      if (!(await this.#rows.keep(transaction, keyed, response, this.#end(), made?.tenantId)))
        throw new Failure("IdempotencyKeyInUse");
      isKept = true;
    };
    try {
      const result = await work(keep);
      if (!isKept) await this.#keepLater(keyed, result);
      return result;
    } catch (error) {
      await this.#release(keyed);
      throw error;
    }
  }

  /** Keeps the response of an effect outside of the database. That has happened, so no failure here fails the request. */
  async #keepLater(keyed: KeyedRequest, result: unknown): Promise<void> {
    if (!isAnswered(result)) throw new TypeError("only JSON is kept");
    try {
      await this.#rows.keep(this.#database, keyed, keptResponse(result), this.#end());
    } catch (error) {
      this.#log.warn({ err: error }, "a response could not be kept for its Idempotency-Key");
      await this.#release(keyed);
    }
  }

  async #release(keyed: KeyedRequest): Promise<void> {
    try {
      await this.#rows.release(keyed);
    } catch (error) {
      this.#log.warn({ err: error }, "an Idempotency-Key could not be freed; trying again");
    }
  }

  #end(): Date {
    return new Date(this.#now() + keptMs);
  }

  /** Tidies now and every minute, until `stop`. */
  start(): void {
    this.#timer = setInterval(() => this.#tidyLater(), tidyEveryMs);
    this.#tidyLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await workSoFar(this.#tidying);
  }

  /**
   * Deletes the responses that are kept no longer, and frees the keys that could not be freed when their requests failed. A bounded
   * number at a time, so that others get to write in between.
   */
  async tidy(): Promise<void> {
    const inBatches = async (work: () => Promise<number>) => {
      let done = batch;
      while (done === batch && !this.#stopped) done = await work();
    };
    await inBatches(() => this.#rows.deleteExpired(new Date(this.#now()), batch));
    await inBatches(() => this.#rows.releaseOthers([...this.#underWay], batch));
  }

  #tidyLater(): void {
    if (this.#tidying.isLocked()) return;
    void this.#tidying.runExclusive(() =>
      this.tidy().catch((error: unknown) => {
        this.#log.error({ err: error }, "responses kept for Idempotency-Keys could not be tidied");
      }),
    );
  }
}

const keptMs = 24 * 60 * 60 * 1000;

const tidyEveryMs = 60_000;

/** The number of rows deleted in one statement. */
const batch = 500;

/** Far more than any response has that is kept: the contract bounds their texts. */
const maxBytes = 65_536;

const refusals = {
  in_use: "IdempotencyKeyInUse",
  reused: "IdempotencyKeyReused",
  no_token: "Unauthorized",
} satisfies Record<Exclude<Extract<Reserved, string>, "reserved">, FailureName>;

/** @returns `undefined` for a request without a key */
function keyedRequest(request: Request, operation: OperationDescription): KeyedRequest | undefined {
  const key = request.get("idempotency-key");
  const caller = callerOf(request);
  if (key === undefined || !caller || caller.kind === "metrics") return undefined;
  const isUser = caller.kind === "user";
  const owner = isUser ? caller.userId : caller.kind;
  return {
    id: idOfKey(owner, key),
    owner,
    tokenId: isUser ? caller.tokenId : null,
    digest: digestOf(request, operation),
    attemptId: randomUUID(),
  };
}

function keptResponse({ status, data }: Answered): KeptResponse {
  const body = JSON.stringify(successEnvelope(data));
  if (Buffer.byteLength(body) > maxBytes) throw new Error("a response is too large to be kept");
  return { status, body };
}

function isAnswered(result: unknown): result is Answered {
  return typeof result === "object" && result !== null && "status" in result && "data" in result;
}
