import { setImmediate } from "node:timers/promises";
import type { Logger } from "pino";
import type { ContactNews } from "./contact-merge.ts";
import type { ContactRows } from "./contacts.repository.ts";

/**
 * What a device hears of people, on its way to the database: written soon, some at a time. Whoever waits for it holds a
 * bounded number of news; what is written is held no more.
 */
export class ContactNotes {
  readonly #rows: ContactRows;
  readonly #maxWaiting: number;
  readonly #log: Logger;
  #waiting: ContactNews[] = [];
  #writing: Promise<void> | undefined;
  #dropped = 0;

  constructor(rows: ContactRows, maxWaiting: number, log: Logger) {
    this.#rows = rows;
    this.#maxWaiting = maxWaiting;
    this.#log = log;
  }

  /** What does not fit any more is dropped: phones tell most of it again. */
  note(news: readonly ContactNews[]): void {
    const room = this.#maxWaiting - this.#waiting.length;
    this.#dropped += Math.max(0, news.length - room);
    for (const one of news.slice(0, room)) this.#waiting.push(one);
    if (this.#waiting.length === 0) return;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when everything that was noted so far is in the database. */
  async saved(): Promise<void> {
    await this.#writing;
  }

  /** Forgets what waits and what is in the database. Nothing may be noted meanwhile. */
  async forgetAll(): Promise<void> {
    this.#waiting = [];
    await this.#writing;
    await this.#rows.clear();
  }

  async #write(): Promise<void> {
    // Events come one by one; those of one turn are written together.
    await setImmediate();
    while (this.#waiting.length > 0) {
      try {
        await this.#rows.learn(this.#waiting.splice(0, newsAtOnce));
      } catch (error) {
        this.#log.error({ err: error }, "what was learned of contacts could not be stored");
      }
      // Others have their turn between two writes: a first history has thousands of people.
      await setImmediate();
    }
    if (this.#dropped === 0) return;
    this.#log.warn({ dropped: this.#dropped }, "more was learned of contacts than could wait to be stored");
    this.#dropped = 0;
  }
}

const newsAtOnce = 200;
