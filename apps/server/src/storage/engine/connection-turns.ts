import { AsyncLocalStorage } from "node:async_hooks";
import type { DatabaseConnection } from "kysely";
import { FairQueue } from "../../kernel/concurrency/fair-queue.ts";

/** Holds nothing by itself: what is in it goes with the work that it was set for. */
const owners = new AsyncLocalStorage<string>();

/**
 * Does work for an owner, a tenant or a device: with all that comes of it, it takes turns with that of other owners where they
 * wait for connections to a database server. What is for no owner takes turns as if each wait were of an owner of its own.
 */
export function inTurnsOf<Result>(owner: string, work: () => Result): Result {
  return owners.run(owner, work);
}

export interface ConnectionTurnsOptions {
  /** How many connections there are. */
  readonly connections: number;
  /** How long a connection is waited for, in milliseconds. */
  readonly limitMs: number;
}

/**
 * A fair queue before a pool of connections, so that whoever wants much does not keep all others waiting. It is as deep as the
 * pool is: who has a turn never waits in the pool, where the first who comes is the first who goes. Whoever holds a connection and
 * wants another one waits as they would for the pool, and no longer than that would have them wait.
 */
export class ConnectionTurns {
  readonly #queue: FairQueue;
  readonly #ends = new WeakMap<DatabaseConnection, () => void>();
  #others = 0;

  constructor({ connections, limitMs }: ConnectionTurnsOptions) {
    this.#queue = new FairQueue({
      concurrency: connections,
      maxWaiting: mostWaiting,
      limitMs,
      refusal: () => new Error("no connection to the database became free in time"),
    });
  }

  /**
   * @param acquire takes a connection out of the pool
   * @returns the connection, when it is the owner's turn; it is to be given back with `end` when it is in the pool again
   * @throws Error when the turn does not come in time, and what `acquire` throws
   */
  begin(acquire: () => Promise<DatabaseConnection>): Promise<DatabaseConnection> {
    this.#others += 1;
    const owner = owners.getStore() ?? `${this.#others}`;
    return new Promise((resolve, reject) => {
      const turn = async () => {
        const connection = await acquire();
        const { promise, resolve: end } = Promise.withResolvers<void>();
        this.#ends.set(connection, end);
        resolve(connection);
        await promise;
      };
      this.#queue.run(owner, turn).catch(reject);
    });
  }

  end(connection: DatabaseConnection): void {
    this.#ends.get(connection)?.();
    this.#ends.delete(connection);
  }
}

/** Of one owner; requests that are under way are bounded before. */
const mostWaiting = 10_000;
