import { type Contract, onceFor } from "@wuts/contract";
import { requestValidatorsOf } from "./request-validators.ts";
import { responseSchemas } from "./response-validator.ts";
import { schemasOf } from "./schema-compiler.ts";

/** The delay before the first piece, so that servers that stop soon compile nothing, and the delay after each piece. */
export interface PreparationOptions {
  readonly delayMs?: number;
  readonly pauseMs?: number;
}

/**
 * Compiles schemas in the background. Otherwise the first requests and responses of each operation would compile them while
 * other clients wait. Each piece runs in its own turn of the event loop, and pending requests go first. A request that needs a
 * piece sooner compiles it itself. Servers of one process that share a contract share the compiled schemas.
 */
export class Preparation {
  readonly #pieces: Iterator<Piece>;
  readonly #options: Required<PreparationOptions>;
  readonly #ended = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(contract: Contract, { delayMs = 10_000, pauseMs = 25 }: PreparationOptions = {}) {
    this.#pieces = piecesOf(contract);
    this.#options = { delayMs, pauseMs };
  }

  /** Resolves when everything is compiled, or when it is stopped before. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** @param first work that the pieces would slow down; the delay begins when it is over, however it ends */
  start(first: Promise<void> = Promise.resolve()): void {
    const begin = () => this.#continueAfter(this.#options.delayMs);
    first.then(begin, begin);
  }

  /** Starts no further piece. @returns when the piece that is running has ended */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    this.#ended.resolve();
  }

  #continueAfter(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#prepareNext();
    }, ms);
  }

  async #prepareNext(): Promise<void> {
    const { value: compile, done } = this.#pieces.next();
    if (done) return this.#ended.resolve();
    try {
      await compile();
    } catch {
      // The first request that needs it fails for the same reason, and says so.
    }
    this.#continueAfter(this.#options.pauseMs);
  }
}

/** Compiles something, unless it is compiled already. */
type Piece = () => Promise<void>;

/** The pieces left to compile. Servers that share a contract take from the same ones; finding them out costs nothing before. */
const piecesOf = onceFor(function* (contract: Contract): Generator<Piece, undefined> {
  const [validators, schemas] = [requestValidatorsOf(contract), schemasOf(contract)];
  for (const operation of contract.operations) yield () => validators.prepare(operation);
  // Most errors are described the same way everywhere.
  const seen = new Set<string>();
  for (const operation of contract.operations)
    for (const schema of responseSchemas(contract, operation)) {
      const text = JSON.stringify(schema);
      if (!seen.has(text)) yield async () => void schemas.compile(schema);
      seen.add(text);
    }
});
