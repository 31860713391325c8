import { LRUCache } from "lru-cache";
import type { PictureSize } from "../picture-stanza.ts";
import type { StoredAnswer } from "./picture-cache.repository.ts";

/** The replies about pictures that the devices of a server have read last: the database need not be asked for them again. */
export class RecentAnswers {
  readonly #answers = new LRUCache<string, StoredAnswer>({ max: maxAnswers });
  #generations = 0;

  /** @returns the replies to a device for as long as it is this server's; another server may change them before and after */
  ofDevice(): DeviceAnswers {
    return new DeviceAnswers(this.#answers, () => (this.#generations += 1));
  }
}

/** The last replies to one device. */
export class DeviceAnswers {
  readonly #answers: LRUCache<string, StoredAnswer>;
  readonly #newGeneration: () => number;
  #generation: number;
  #changes = 0;

  constructor(answers: LRUCache<string, StoredAnswer>, newGeneration: () => number) {
    this.#answers = answers;
    this.#newGeneration = newGeneration;
    this.#generation = newGeneration();
  }

  /** Increases with each change. */
  get changes(): number {
    return this.#changes;
  }

  find(askedJid: string, size: PictureSize): StoredAnswer | undefined {
    return this.#answers.get(this.#key(askedJid, size));
  }

  /** Keeps replies that were read. @param changes those from before the read: what was read may be older than a later change */
  keep(answers: Iterable<StoredAnswer>, changes: number): void {
    if (changes !== this.#changes) return;
    for (const answer of answers) this.#answers.set(this.#key(answer.asked_jid, answer.picture_size), answer);
  }

  /** Call it when a stored reply has changed. */
  forget(askedJid: string, size: PictureSize): void {
    this.#changes += 1;
    this.#answers.delete(this.#key(askedJid, size));
  }

  /** Call it when any stored replies may have changed. */
  forgetAll(): void {
    this.#changes += 1;
    // Those of the generation before are never found again, and make room when others come.
    this.#generation = this.#newGeneration();
  }

  #key(askedJid: string, size: PictureSize): string {
    return `${this.#generation} ${size} ${askedJid}`;
  }
}

/** Of all devices together; a reply takes about 1 KiB. */
const maxAnswers = 5_000;
