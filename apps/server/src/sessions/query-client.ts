import { Deadline, QueryQueue } from "../kernel/concurrency/query-queue.ts";
import { Failure } from "../kernel/failures.ts";
import type { BinaryNode } from "../whatsapp/protocol/baileys.ts";
import type { Connection, QueryReply } from "../whatsapp/socket/connection.ts";
import type { Device } from "./device.ts";
import type { DeviceEvents, QueryOutcome } from "./device-observer.ts";

export interface QueryClientOptions {
  readonly concurrency: number;
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  readonly events: DeviceEvents;
}

/** What one device asks WhatsApp, all through one queue. */
export class QueryClient {
  readonly #device: Device;
  readonly #queue: QueryQueue<QueryReply>;
  readonly #timeoutMs: number;
  readonly #events: DeviceEvents;

  constructor(device: Device, options: QueryClientOptions) {
    this.#device = device;
    this.#queue = new QueryQueue(options);
    this.#timeoutMs = options.timeoutMs;
    this.#events = options.events;
  }

  get waiting(): number {
    return this.#queue.waiting;
  }

  get running(): number {
    return this.#queue.running;
  }

  /** How long WhatsApp may take for one answer, or for several that make one. */
  newDeadline(): Deadline {
    return new Deadline(this.#timeoutMs);
  }

  /** @returns an id that is not in use on the connection @throws Failure DeviceNotPaired, DeviceNotReady */
  newId(): string {
    return this.#device.ready().connection.newId();
  }

  /**
   * Sends a stanza when its turn comes.
   * @param key what makes two queries the same: those under way share an answer
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

  /** Does what takes more than one stanza when its turn comes. @throws Failure as `send` */
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

  /** Tells how long WhatsApp takes, and what it comes to. @param kind the `xmlns` of what it is asked @throws what `ask` throws */
  async timed<Reply extends { readonly refused: boolean }>(
    kind: string,
    ask: () => Promise<Reply>,
  ): Promise<Reply> {
    const askedAt = performance.now();
    const end = (outcome: QueryOutcome) =>
      this.#events.queryEnded(kind, outcome, (performance.now() - askedAt) / 1000);
    try {
      const reply = await ask();
      end(reply.refused ? "refused" : "answered");
      return reply;
    } catch (error) {
      end(outcomeOf(error));
      throw error;
    }
  }

  /** The connection may have ended under the query; the device knows when it will be back. */
  #explain(error: unknown): never {
    throw error instanceof Failure && error.name === "DeviceNotReady" ? this.#device.notReady() : error;
  }
}

function outcomeOf(error: unknown): QueryOutcome {
  if (!(error instanceof Failure)) return "failed";
  return error.name === "WhatsAppTimeout"
    ? "timeout"
    : error.name === "DeviceNotReady"
      ? "not_ready"
      : "failed";
}

/** @returns the failure that a code of WhatsApp's is, where it has no other meaning */
export function refusal(code: number): Failure {
  return code === 429
    ? new Failure("WhatsAppRateLimited")
    : new Failure("WhatsAppError", { message: `WhatsApp refused what it was asked (${code})` });
}
