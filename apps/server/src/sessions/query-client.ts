import { AdaptiveWindow } from "../kernel/concurrency/adaptive-window.ts";
import { Deadline, QueryQueue } from "../kernel/concurrency/query-queue.ts";
import { Failure } from "../kernel/failures.ts";
import type { BinaryNode } from "../whatsapp/protocol/baileys.ts";
import type { Connection, QueryReply } from "../whatsapp/socket/connection.ts";
import type { Device } from "./device.ts";
import type { DeviceEvents, QueryOutcome } from "./device-observer.ts";

export interface QueryClientOptions {
  /** How many queries may be under way at once; fewer after WhatsApp has refused, or has not replied. */
  readonly concurrency: number;
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  readonly events: DeviceEvents;
}

/** Sends a device's queries to WhatsApp, all through one queue. */
export class QueryClient {
  readonly #device: Device;
  readonly #window: AdaptiveWindow;
  readonly #queue: QueryQueue<QueryReply>;
  readonly #timeoutMs: number;
  readonly #events: DeviceEvents;

  constructor(device: Device, options: QueryClientOptions) {
    this.#device = device;
    this.#window = new AdaptiveWindow(options.concurrency);
    this.#queue = new QueryQueue({ window: this.#window, maxWaiting: options.maxWaiting });
    this.#timeoutMs = options.timeoutMs;
    this.#events = options.events;
  }

  get waiting(): number {
    return this.#queue.waiting;
  }

  get running(): number {
    return this.#queue.running;
  }

  /** Starts the time limit for one reply from WhatsApp, or for several that belong together. */
  newDeadline(): Deadline {
    return new Deadline(this.#timeoutMs);
  }

  /** @returns an id that is not in use on the connection @throws Failure DeviceNotPaired, DeviceNotReady */
  newId(): string {
    return this.#device.ready().connection.newId();
  }

  /**
   * Sends a stanza through the queue.
   * @param key identifies equal queries: those under way share a reply
   * @throws Failure DeviceNotPaired, DeviceNotReady, DeviceBusy, WhatsAppTimeout
   */
  async send(stanza: BinaryNode, key: string, deadline: Deadline): Promise<QueryReply> {
    return this.#queue
      .run(key, deadline, (timeoutMs) => {
        const { connection } = this.#device.ready();
        return this.timed(stanza.attrs.xmlns ?? "none", () => connection.query(stanza, timeoutMs));
      })
      .catch((error: unknown) => this.#explain(error));
  }

  /** Runs work of more than one stanza through the queue. @throws Failure as `send` */
  async work<Result>(
    work: (connection: Connection, timeoutMs: number) => Promise<Result>,
    deadline: Deadline,
  ): Promise<Result> {
    return this.#queue
      .runAlone(deadline, (timeoutMs) => work(this.#device.ready().connection, timeoutMs))
      .catch((error: unknown) => this.#explain(error));
  }

  /** As `send`, for queries that WhatsApp does not refuse. @throws Failure WhatsAppRateLimited, WhatsAppError, as `send` */
  async ask(stanza: BinaryNode, key: string, deadline: Deadline): Promise<BinaryNode> {
    const reply = await this.send(stanza, key, deadline);
    if (reply.refused) throw refusal(reply.code);
    return reply.node;
  }

  /**
   * Reports a query's duration and outcome to the observer, and adapts the window to the outcome.
   * @param kind the query's `xmlns`
   * @throws what `ask` throws
   */
  async timed<Reply extends { readonly refused: false } | { readonly refused: true; readonly code: number }>(
    kind: string,
    ask: () => Promise<Reply>,
  ): Promise<Reply> {
    const askedAt = performance.now();
    const end = (outcome: QueryOutcome) =>
      this.#events.queryEnded(kind, outcome, (performance.now() - askedAt) / 1000);
    try {
      const reply = await ask();
      if (reply.refused && reply.code === 429) this.#window.shrink(askedAt, afterRefusal);
      else this.#window.grow();
      end(reply.refused ? "refused" : "answered");
      return reply;
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome === "timeout") this.#window.shrink(askedAt, afterTimeout);
      end(outcome);
      throw error;
    }
  }

  /** Explains an error: the connection may have ended during the query, and the device knows when it will be back. */
  #explain(error: unknown): never {
    throw error instanceof Failure && error.name === "DeviceNotReady" ? this.#device.notReady() : error;
  }
}

/** What remains of the window when WhatsApp asks to slow down. */
const afterRefusal = 0.5;

/** What remains of it after a timeout: some accounts are never answered for, however little is asked. */
const afterTimeout = 0.9;

function outcomeOf(error: unknown): QueryOutcome {
  if (!(error instanceof Failure)) return "failed";
  return error.name === "WhatsAppTimeout"
    ? "timeout"
    : error.name === "DeviceNotReady"
      ? "not_ready"
      : "failed";
}

/** @returns the failure for an error code of WhatsApp that has no other meaning */
export function refusal(code: number): Failure {
  return code === 429
    ? new Failure("WhatsAppRateLimited")
    : new Failure("WhatsAppError", { message: `WhatsApp refused what it was asked (${code})` });
}
