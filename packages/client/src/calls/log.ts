import { type ClientErrorCode, type ErrorCode, WutsError } from "../errors/wuts-error.ts";
import { requestIdOf } from "../response-headers.ts";

interface LogEvent {
  /** The number of the call: all events of a call of this client have the same. */
  readonly call: number;
  readonly method: string;
  /** The path as the contract has it, such as `/devices/{device_id}`: without the values of parameters, and without the query. */
  readonly path: string;
  /** 1 for the first request of the call. */
  readonly attempt: number;
}

/** A request is about to be sent. */
interface RequestEvent extends LogEvent {
  readonly type: "request";
}

/** The head of a response has arrived, whatever its status. */
interface ResponseEvent extends LogEvent {
  readonly type: "response";
  readonly status: number;
  readonly requestId: string | undefined;
  /** Milliseconds since the request of this attempt. */
  readonly durationMs: number;
}

/** An attempt has failed, and the call waits before the next one. */
interface RetryEvent extends LogEvent {
  readonly type: "retry";
  /** Why this attempt failed. */
  readonly code: ErrorCode | ClientErrorCode;
  readonly status: number;
  readonly requestId: string | undefined;
  /** How long the call waits, in milliseconds. */
  readonly delayMs: number;
}

/** The call, or the reading of a stream, has failed: what it throws. */
interface ErrorEvent extends LogEvent {
  readonly type: "error";
  readonly code: ErrorCode | ClientErrorCode;
  readonly status: number;
  readonly requestId: string | undefined;
}

/** What happens to a call. No event has a token, a header, a body, or the value of a parameter. */
export type WutsLogEvent = RequestEvent | ResponseEvent | RetryEvent | ErrorEvent;

/** Receives what happens to the calls of a client, in the order of their events. What it throws is ignored. */
export type WutsLog = (event: WutsLogEvent) => void;

/** Tells a client's log what happens to one call. */
export class CallLog {
  readonly #log: WutsLog | undefined;
  readonly #call: Pick<LogEvent, "call" | "method" | "path">;
  #attempt = 0;
  #sentAt = 0;

  constructor(log: WutsLog | undefined, call: Pick<LogEvent, "call" | "method" | "path">) {
    this.#log = log;
    this.#call = call;
  }

  sending(): void {
    this.#attempt += 1;
    this.#sentAt = performance.now();
    this.#tell({ ...this.#call, attempt: this.#attempt, type: "request" });
  }

  received(response: Response): void {
    const { status } = response;
    const requestId = requestIdOf(response);
    const durationMs = performance.now() - this.#sentAt;
    this.#tell({ ...this.#call, attempt: this.#attempt, type: "response", status, requestId, durationMs });
  }

  retrying({ code, status, requestId }: WutsError, delayMs: number): void {
    this.#tell({ ...this.#call, attempt: this.#attempt, type: "retry", code, status, requestId, delayMs });
  }

  /** @param error what the call throws; what is no `WutsError` comes from the caller, who reads a stream */
  failed(error: unknown): void {
    if (!(error instanceof WutsError)) return;
    const { code, status, requestId } = error;
    this.#tell({ ...this.#call, attempt: this.#attempt, type: "error", code, status, requestId });
  }

  #tell(event: WutsLogEvent): void {
    try {
      this.#log?.(event);
    } catch {
      // A fault of the log must not fail a call that has been done, or have it done twice.
    }
  }
}
