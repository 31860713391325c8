import { type ClientRateLimitInfo, MemoryStore, type Options } from "express-rate-limit";

/**
 * Counts in memory for as many keys as are told apart; further ones are counted together. Whoever asks from ever new
 * addresses fills no memory, and gains nothing.
 */
export class BoundedStore extends MemoryStore {
  readonly #maxKeys: number;

  /** @param windowMs after how long a key is counted anew */
  constructor(maxKeys: number, windowMs: number) {
    super();
    this.#maxKeys = maxKeys;
    // It looks at nothing else.
    this.init({ windowMs } as Options);
  }

  override get(key: string): Promise<ClientRateLimitInfo | undefined> {
    return super.get(this.#counted(key));
  }

  override increment(key: string): Promise<ClientRateLimitInfo> {
    return super.increment(this.#counted(key));
  }

  #counted(key: string): string {
    const counted = this.#withinBound(key);
    const client = this.current.get(counted) ?? this.previous.get(counted);
    // The clock was put back: until it is again what it was, the minute would not end.
    if (client && client.resetTime.getTime() - Date.now() > this.windowMs) {
      this.current.delete(counted);
      this.previous.delete(counted);
    }
    return counted;
  }

  #withinBound(key: string): string {
    const isKnown = this.current.has(key) || this.previous.has(key);
    return isKnown || this.current.size + this.previous.size < this.#maxKeys ? key : "all others";
  }
}
