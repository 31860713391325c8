import { hash } from "node:crypto";

/** The state of a key's window after a count. */
export interface WindowState {
  /** How many more are allowed before the window ends. */
  readonly left: number;
  /** Whole seconds until the window ends, at least 1. */
  readonly resetSeconds: number;
  readonly isOver: boolean;
  /** The items for `RateLimit` and `RateLimit-Policy`. */
  readonly items: { readonly limit: string; readonly policy: string };
}

export interface WindowCounterOptions {
  /** The name of the limit in the headers. */
  readonly name: string;
  /** The number allowed in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** The number of keys counted separately; further keys are counted together. */
  readonly maxKeys: number;
}

/**
 * A fixed-window counter by key; a window begins with its first count. It works synchronously and without timers, because every
 * request passes through here several times. A client that keeps sending new keys fills no memory and gains nothing.
 */
export class WindowCounter {
  readonly #options: WindowCounterOptions;
  /** The windows by key, the oldest first. */
  readonly #windows = new Map<string, Window>();

  constructor(options: WindowCounterOptions) {
    this.#options = options;
  }

  /** Counts one, or the given amount. */
  count(key: string, amount = 1): WindowState {
    const now = performance.now();
    this.#dropOld(now);
    const window = this.#windowOf(key) ?? this.#begin(key, now);
    window.counted += amount;
    return this.#standing(window, now);
  }

  /** The count in the open window. */
  counted(key: string): number {
    this.#dropOld(performance.now());
    return this.#windowOf(key)?.counted ?? 0;
  }

  /** Whether the limit is reached. */
  isUsedUp(key: string): boolean {
    return this.counted(key) >= this.#options.limit;
  }

  #windowOf(key: string): Window | undefined {
    const known = this.#windows.get(key);
    if (known || this.#windows.size < this.#options.maxKeys) return known;
    return this.#windows.get(allOthers);
  }

  #begin(key: string, now: number): Window {
    const counted = this.#windows.size < this.#options.maxKeys ? key : allOthers;
    const { name, limit, windowMs } = this.#options;
    // Identifies the limit's owner without revealing it.
    const partition = btoa(hash("sha256", counted).slice(0, 12));
    const policy = `"${name}"; q=${limit}; w=${windowMs / 1000}; pk=:${partition}:`;
    const window = { startedAt: now, counted: 0, policy };
    this.#windows.set(counted, window);
    return window;
  }

  #dropOld(now: number): void {
    for (const [key, { startedAt }] of this.#windows) {
      if (now - startedAt < this.#options.windowMs) return;
      this.#windows.delete(key);
    }
  }

  #standing({ counted, startedAt, policy }: Window, now: number): WindowState {
    const { name, limit, windowMs } = this.#options;
    const left = Math.max(0, limit - counted);
    // A window that begins now ends after `windowMs`, whatever floating-point arithmetic says.
    const resetSeconds = Math.ceil((windowMs - (now - startedAt)) / 1000);
    const items = { limit: `"${name}"; r=${left}; t=${resetSeconds}`, policy };
    return { left, resetSeconds, isOver: counted > limit, items };
  }
}

/** The key for all further keys; no real key has this value. */
const allOthers = "\0all others";

interface Window {
  readonly startedAt: number;
  readonly policy: string;
  counted: number;
}
