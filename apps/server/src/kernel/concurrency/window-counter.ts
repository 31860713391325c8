import { hash } from "node:crypto";

/** Where a key stands after it was counted. */
export interface WindowState {
  /** How many more are let through before the window is over. */
  readonly left: number;
  /** Whole seconds until the window is over, at least 1. */
  readonly resetSeconds: number;
  readonly isOver: boolean;
  /** The items for `RateLimit` and `RateLimit-Policy`. */
  readonly items: { readonly limit: string; readonly policy: string };
}

export interface WindowCounterOptions {
  /** As it is called in the headers. */
  readonly name: string;
  /** How many are let through in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** How many keys are told apart at once; further ones are counted together. */
  readonly maxKeys: number;
}

/**
 * Counts by key, in windows that begin with the first that is counted. All of it happens in one turn of the event loop and
 * without timers: every request passes here, several times. Whoever asks with ever new keys fills no memory, and gains nothing.
 */
export class WindowCounter {
  readonly #options: WindowCounterOptions;
  /** The one whose window began first is the first. */
  readonly #windows = new Map<string, Window>();

  constructor(options: WindowCounterOptions) {
    this.#options = options;
  }

  /** Counts one, or as many as are given. */
  count(key: string, amount = 1): WindowState {
    const now = performance.now();
    this.#dropOld(now);
    const window = this.#windowOf(key) ?? this.#begin(key, now);
    window.counted += amount;
    return this.#standing(window, now);
  }

  /** How many were counted in the window that is open. */
  counted(key: string): number {
    this.#dropOld(performance.now());
    return this.#windowOf(key)?.counted ?? 0;
  }

  /** Whether as many as are let through were counted already. */
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
    // Tells whose limit it is without saying who.
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
    // What has begun just now is over after the window, whatever the arithmetic of fractions says.
    const resetSeconds = Math.ceil((windowMs - (now - startedAt)) / 1000);
    const items = { limit: `"${name}"; r=${left}; t=${resetSeconds}`, policy };
    return { left, resetSeconds, isOver: counted > limit, items };
  }
}

/** What no key is. */
const allOthers = "\0all others";

interface Window {
  readonly startedAt: number;
  readonly policy: string;
  counted: number;
}
