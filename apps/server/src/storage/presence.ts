import type { Logger } from "pino";
import type { ServerRow } from "./engine/servers.ts";

/**
 * Heartbeat of this server: registers it in the database, with the key that it encrypts with, for the other servers to see.
 */
export class Presence {
  readonly #row: ServerRow;
  readonly #forMs: number;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;

  /** @param forMs for how long it counts as running after a heartbeat, in milliseconds */
  constructor(row: ServerRow, forMs: number, log: Logger) {
    this.#row = row;
    this.#forMs = forMs;
    this.#log = log;
  }

  /**
   * Registers the server, and renews the registration until `stop`.
   * @throws SecretKeyError when another server has a key that this one lacks
   */
  async start(): Promise<void> {
    await this.#row.enter(this.#forMs);
    this.#timer = setInterval(() => this.#tell(), this.#forMs / timesInATerm);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
    await this.#row.leave().catch((error: unknown) => {
      this.#log.warn({ err: error }, "other servers could not be told that this one ends");
    });
  }

  #tell(): void {
    this.#telling ??= this.#row
      .stay(this.#forMs)
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, "other servers could not be told that this one runs; trying again");
      })
      .finally(() => {
        this.#telling = undefined;
      });
  }
}

const timesInATerm = 3;
