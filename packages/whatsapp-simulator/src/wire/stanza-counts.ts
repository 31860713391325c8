import type { BinaryNode } from "@whiskeysockets/baileys";
import { stanzaKinds } from "./stanza-matcher.ts";

const MOST_KINDS = 1_000;
const OTHER = "other";

/** How many stanzas of each kind arrived since the start or the last reset. */
export class StanzaCounts {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** All stanzas, of whatever kind. */
  get total(): number {
    return this.#total;
  }

  /** @param kind e.g. `iq w:profile:picture get` or `iq usync get/lid`; 0 when none arrived. */
  get(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Every kind with its count, e.g. for a failing test to print. */
  entries(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
  }

  reset(): void {
    this.#counts.clear();
    this.#total = 0;
  }

  add(stanza: BinaryNode): void {
    this.#total += 1;
    for (const kind of stanzaKinds(stanza)) {
      const known = this.#counts.has(kind) || this.#counts.size < MOST_KINDS;
      const key = known ? kind : OTHER;
      this.#counts.set(key, this.get(key) + 1);
    }
  }
}
