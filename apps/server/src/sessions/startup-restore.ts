import { setTimeout } from "node:timers/promises";
import PQueue from "p-queue";
import type { Logger } from "pino";

export interface StartupRestoreOptions {
  /** How many devices log in at once. */
  readonly concurrency: number;
  /** The longest delay of the first logins, in milliseconds. */
  readonly jitterMs: number;
  /** Aborted when no further device may log in. */
  readonly stopping: AbortSignal;
}

/**
 * Connects the devices of a server that has just started. WhatsApp sees them all come from one address, so the number of
 * concurrent logins is limited, and the first ones are spread by jitter.
 */
export class StartupRestore {
  readonly #options: StartupRestoreOptions;
  readonly #log: Logger;
  #isOver = false;

  constructor(options: StartupRestoreOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** Whether each device has been tried once. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Connects the devices, some at a time.
   * @param list the devices to connect
   * @param connect tries one device, and resolves with whether it is connected. Must not reject
   */
  async run<Each>(
    list: () => Promise<readonly Each[]>,
    connect: (each: Each) => Promise<boolean>,
  ): Promise<void> {
    try {
      const all = await list();
      if (all.length > 0) await this.#connectAll(all, connect);
    } finally {
      this.#isOver = true;
    }
  }

  async #connectAll<Each>(all: readonly Each[], connect: (each: Each) => Promise<boolean>): Promise<void> {
    const { concurrency, stopping } = this.#options;
    const [devices, startedAt] = [all.length, performance.now()];
    this.#log.info({ devices }, "restoring devices");
    let [done, connected] = [0, 0];
    const turns = all.map((each, index) => async () => {
      // Later devices start when an earlier one has finished, and a single device needs no jitter.
      if (devices > 1 && index < concurrency) await this.#jitter();
      if (stopping.aborted) return;
      if (await connect(each)) connected += 1;
      done += 1;
      if (done % Math.ceil(devices / mostLines) === 0 && done < devices) {
        this.#log.info({ devices, done, connected }, "restoring devices");
      }
    });
    await new PQueue({ concurrency }).addAll(turns);
    const took_ms = Math.round(performance.now() - startedAt);
    this.#log.info({ devices, done, connected, took_ms }, "restored devices");
  }

  async #jitter(): Promise<void> {
    const { jitterMs, stopping } = this.#options;
    await setTimeout(Math.random() * jitterMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** The most progress lines in the log, however many devices there are. */
const mostLines = 10;
