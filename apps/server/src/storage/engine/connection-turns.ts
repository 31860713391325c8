import { AsyncLocalStorage } from "node:async_hooks";
import type { DatabaseConnection } from "kysely";
import { FairQueue } from "../../kernel/concurrency/fair-queue.ts";

/** The owner of the current work; the context follows everything that the work starts. */
const owners = new AsyncLocalStorage<string>();

/**
 * Runs work for an owner, which is a tenant or a device. Where the work, or anything that it starts, waits for a connection to
 * a database server, it takes turns with the work of other owners. Work without an owner takes turns as if each wait had an
 * owner of its own.
 */
export function runForOwner<Result>(owner: string, work: () => Result): Result {
  return owners.run(owner, work);
}

export interface ConnectionTurnsOptions {
  /** How many connections there are. */
  readonly connections: number;
  /** How long a connection is waited for, in milliseconds. */
  readonly limitMs: number;
}

/**
 * A fair queue in front of a connection pool: an owner with much work does not delay all other owners. Its concurrency is the
 * size of the pool, so work whose turn has come never waits in the pool, which is first come, first served. Work that holds a
 * connection and wants another one waits as it would for the pool, and no longer.
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

/** For each owner; the number of concurrent requests is limited earlier. */
const mostWaiting = 10_000;
