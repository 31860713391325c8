import { setImmediate } from "node:timers/promises";
import type { Logger } from "pino";
import type { ContactUpdate } from "./contact-merge.ts";
import type { ContactRepository } from "./contacts.repository.ts";

/** Write-behind buffer for a device's contact updates: bounded, and written in batches of up to 200, one transaction each. */
export class ContactWriteBuffer {
  readonly #rows: ContactRepository;
  readonly #maxWaiting: number;
  readonly #log: Logger;
  #waiting: ContactUpdate[] = [];
  #writing: Promise<void> | undefined;
  #dropped = 0;

  constructor(rows: ContactRepository, maxWaiting: number, log: Logger) {
    this.#rows = rows;
    this.#maxWaiting = maxWaiting;
    this.#log = log;
  }

  /** Adds updates to the buffer. Updates that do not fit are dropped: phones send most of them again. */
  enqueue(updates: readonly ContactUpdate[]): void {
    const room = this.#maxWaiting - this.#waiting.length;
    this.#dropped += Math.max(0, updates.length - room);
    for (const one of updates.slice(0, room)) this.#waiting.push(one);
    if (this.#waiting.length === 0) return;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when all updates enqueued so far are in the database. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Deletes buffered and stored contacts. No update may be enqueued meanwhile. */
  async clear(): Promise<void> {
    this.#waiting = [];
    await this.#writing;
    await this.#rows.clear();
  }

  async #write(): Promise<void> {
    // Events come singly; those of the same event-loop iteration are written together.
    await setImmediate();
    while (this.#waiting.length > 0) {
      try {
        await this.#rows.learn(this.#waiting.splice(0, batchSize));
      } catch (error) {
        this.#log.error({ err: error }, "what was learned of contacts could not be stored");
      }
      // Yields the event loop between two writes: a first history has thousands of contacts.
      await setImmediate();
    }
    if (this.#dropped === 0) return;
    this.#log.warn({ dropped: this.#dropped }, "more was learned of contacts than could wait to be stored");
    this.#dropped = 0;
  }
}

const batchSize = 200;
