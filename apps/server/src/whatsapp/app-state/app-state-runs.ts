import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { type BinaryNode, getBinaryNodeChild, type WASocket } from "../protocol/baileys.ts";

/** WhatsApp's answers about collections of the app state do not come to an end. */
export class AppStateEndless extends Error {
  override readonly name = "AppStateEndless";
  readonly collections: readonly string[];

  constructor(collections: readonly string[], why: string) {
    super(`the app state has no end: ${collections.join(", ")}: ${why}`);
    this.collections = collections;
  }
}

/** Bounds of a run: of asking for collections of the app state until they are complete. */
export interface AppStateLimits {
  /** How often a collection is asked for again although nothing new has come. Baileys itself does it once, after an error. */
  readonly standstills: number;
  /** How many questions are asked without a pause. */
  readonly questionsAtOnce: number;
  /** Milliseconds between two further questions. */
  readonly pauseMs: number;
  /** Milliseconds that a run may take for which no request waits. */
  readonly timeoutMs: number;
  /** Milliseconds without a question about collections that had no end, except for a request. */
  readonly restMs: number;
}

const usualLimits: AppStateLimits = {
  standstills: 4,
  questionsAtOnce: 20,
  pauseMs: 500,
  timeoutMs: 120_000,
  restMs: 60_000,
};

/**
 * Bounds what Baileys asks about the app state. rc14's `resyncAppState` (Socket/chats.ts) asks until WhatsApp has sent each
 * collection and says that there is no more: a reply without a collection, or one that says "more" each time, would make it ask
 * for ever, as fast as WhatsApp replies. Baileys also starts by itself: when WhatsApp says that something has changed, when
 * history has come, and when the phone has sent a key.
 *
 * Each run is a transaction of the keys, and reads the version of each collection before each query: this class watches a run
 * there, and ends it. The data that a run has read by then is not stored, since Baileys has not emitted it either.
 */
export class AppStateRuns {
  readonly #onEndless: (error: AppStateEndless) => void;
  readonly #limits: AppStateLimits;
  /** Runs for which a request waits. */
  readonly #requested = new AsyncLocalStorage<Run>();
  readonly #current = new AsyncLocalStorage<Run>();
  /** Those that have asked something and are not over. */
  readonly #asking = new Set<Run>();
  /** Until when a collection rests, by `performance.now()`. */
  readonly #resting = new Map<string, number>();

  /**
   * @param socket just made: its keys are replaced
   * @param onEndless is called for each run without an end, whether a request or Baileys started it
   */
  constructor(
    socket: Pick<WASocket, "authState" | "ws">,
    onEndless: (error: AppStateEndless) => void,
    limits: AppStateLimits = usualLimits,
  ) {
    this.#onEndless = onEndless;
    this.#limits = limits;
    const { keys } = socket.authState;
    socket.authState.keys = {
      ...keys,
      get: async (type, ids) => {
        const found = await keys.get(type, ids);
        const run = type === "app-state-sync-version" ? this.#current.getStore() : undefined;
        if (run) for (const id of ids) await run.ask(id, versionOf(found[id]));
        return found;
      },
      transaction: (work, key) => keys.transaction(() => this.#bound(work), key),
    };
    socket.ws.on("frame", (frame: BinaryNode | Uint8Array) => {
      if (!(frame instanceof Uint8Array)) this.#read(frame);
    });
  }

  /**
   * Fetches app state for a request.
   * @param signal ends it, with its reason
   * @param work has Baileys ask
   * @returns the names of the collections that WhatsApp answered with an error
   * @throws AppStateEndless, the reason of the signal, what `work` throws
   */
  async request(signal: AbortSignal, work: () => Promise<unknown>): Promise<readonly string[]> {
    const run = new Run(this.#limits, signal);
    await this.#finish(run, () => this.#requested.run(run, work));
    return [...run.refused];
  }

  /** To be called when the connection has ended. */
  end(): void {
    for (const run of this.#asking) run.end();
  }

  /** A transaction ends when what it asks about the app state has no end; most ask nothing. */
  #bound<Result>(work: () => Promise<Result>): Promise<Result> {
    const requested = this.#requested.getStore();
    const run = requested ?? new Run(this.#limits);
    run.beforeFirstQuestion = () => this.#asking.add(run);
    if (!requested) run.beforeQuestion = (name) => this.#refuseResting(name);
    const bounded = () => this.#current.run(run, work);
    return requested ? Promise.race([bounded(), run.ended]) : this.#finish(run, bounded);
  }

  async #finish<Result>(run: Run, work: () => Promise<Result>): Promise<Result> {
    try {
      return await Promise.race([work(), run.ended]);
    } catch (error) {
      if (error instanceof AppStateEndless) this.#rest(error);
      throw error;
    } finally {
      this.#asking.delete(run);
      run.end();
    }
  }

  #refuseResting(name: string): void {
    const until = this.#resting.get(name);
    if (until === undefined) return;
    if (performance.now() < until) throw new Error(`the app state had no end a moment ago: ${name}`);
    this.#resting.delete(name);
  }

  #rest(error: AppStateEndless): void {
    const until = performance.now() + this.#limits.restMs;
    for (const name of error.collections) this.#resting.set(name, until);
    this.#onEndless(error);
  }

  /**
   * rc14 fails on a collection that it has not asked for, and takes a collection with an error for an unchanged one.
   */
  #read(frame: BinaryNode): void {
    const sync = frame.tag === "iq" ? getBinaryNodeChild(frame, "sync") : undefined;
    const [run] = this.#asking;
    if (!run || !Array.isArray(sync?.content)) return;
    sync.content = sync.content.filter(({ attrs }) => run.hasAsked(attrs.name));
    for (const { attrs } of sync.content) {
      if (attrs.type === "error" && attrs.name !== undefined) run.refused.add(attrs.name);
    }
  }
}

/** One time that app state is asked for, until it is complete. */
class Run {
  /** Rejects when it has to end before it is complete. */
  readonly ended: Promise<never>;
  readonly refused = new Set<string>();
  beforeFirstQuestion: () => void = () => undefined;
  /** May throw. */
  beforeQuestion: (collection: string) => void = () => undefined;
  readonly #limits: AppStateLimits;
  readonly #isRequested: boolean;
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #collections = new Map<string, Progress>();
  #questions = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param signal of the request for which it is; without one, it may take as long as the limits say */
  constructor(limits: AppStateLimits, signal?: AbortSignal) {
    this.#limits = limits;
    this.#isRequested = signal !== undefined;
    this.#signal = signal ? AbortSignal.any([signal, this.#end.signal]) : this.#end.signal;
    this.ended = rejectionOf(this.#signal);
  }

  hasAsked(collection = ""): boolean {
    return this.#collections.has(collection);
  }

  /**
   * A collection is about to be asked for, together with others, from a version on.
   * @throws AppStateEndless, or the reason for which the run has ended
   */
  async ask(name: string, version: number): Promise<void> {
    this.#signal.throwIfAborted();
    this.beforeQuestion(name);
    if (this.#questions === 0) {
      this.beforeFirstQuestion();
      if (!this.#isRequested) this.#startClock();
    }
    const progress = this.#collections.get(name) ?? { version: -1, questions: 0, standstills: 0 };
    this.#collections.set(name, progress);
    progress.questions += 1;
    progress.standstills = version > progress.version ? 0 : progress.standstills + 1;
    progress.version = Math.max(progress.version, version);
    if (progress.standstills > this.#limits.standstills) this.#giveUp();
    // All that are not complete are asked for in one question.
    if (progress.questions <= this.#questions) return;
    this.#questions = progress.questions;
    if (this.#questions > this.#limits.questionsAtOnce)
      await pause(this.#limits.pauseMs, undefined, { signal: this.#signal });
  }

  /** Once it is over, this does nothing any more. */
  end(why: Error = new Error("it is over")): void {
    clearTimeout(this.#timer);
    this.#end.abort(why);
  }

  #startClock(): void {
    const { timeoutMs } = this.#limits;
    this.#timer = setTimeout(() => {
      const open = this.#named(({ questions }) => questions === this.#questions);
      this.end(new AppStateEndless(open, `it is not complete after ${timeoutMs} ms`));
    }, timeoutMs);
  }

  #giveUp(): never {
    const { standstills } = this.#limits;
    const stuck = this.#named((progress) => progress.standstills >= standstills);
    const error = new AppStateEndless(stuck, "nothing new comes, and it is not complete");
    this.end(error);
    throw error;
  }

  #named(which: (progress: Progress) => boolean): string[] {
    return [...this.#collections].filter(([, progress]) => which(progress)).map(([name]) => name);
  }
}

interface Progress {
  /** The highest from which it was asked for. */
  version: number;
  questions: number;
  /** How often in a row it was asked for from no higher one. */
  standstills: number;
}

/** @returns a promise that rejects when the signal aborts; it is no unhandled rejection when no caller waits for it */
function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  if (signal.aborted) reject(signal.reason);
  else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}

/** @returns 0 when nothing is stored of the collection */
function versionOf(state: unknown): number {
  const version: unknown = typeof state === "object" && state !== null ? Reflect.get(state, "version") : 0;
  return typeof version === "number" ? version : 0;
}
