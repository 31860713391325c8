import type { DisconnectReason, OperationDescription } from "@wuts/contract";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Shares } from "../http/fairness/shares.ts";
import type { FinishedRequest, HttpEvents, StartedRequest } from "../http/http-observer.ts";
import type { MetricsText } from "../operations/operation.ts";
import type { DeviceEvents, QueryOutcome } from "../sessions/device-observer.ts";
import type { DeviceRegistry } from "../sessions/device-registry.ts";
import { closeReasons, reconnectReasons } from "../sessions/device-states.ts";
import { type ProcessMetric, ProcessMetrics } from "./process-metrics.ts";

/** The resources that requests hold at the moment. */
export interface UnderWay {
  readonly requests: Pick<Shares, "taken">;
  readonly bodyBytes: Pick<Shares, "taken">;
}

/**
 * The metrics of one server for Prometheus; no other file knows Prometheus. Labels have few values, all of them words of the
 * contract or of this code: no tenant, user, device or number, which are secret, and too many.
 */
export class Metrics implements HttpEvents, DeviceEvents, MetricsText {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];
  readonly #process = new ProcessMetrics();
  #shown: Pick<DeviceRegistry, "stats"> | undefined;
  #held: UnderWay | undefined;

  readonly #requests = new Counter({
    name: "wuts_http_requests_total",
    help: "Requests that were answered, by operationId, status and error_code.",
    labelNames: ["operation", "status", "error_code"],
    registers: this.#registers,
  });
  readonly #requestDuration = new Histogram({
    name: "wuts_http_request_duration_seconds",
    help: "How long requests took to be answered, by operationId.",
    labelNames: ["operation"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: this.#registers,
  });
  readonly #violations = new Counter({
    name: "wuts_response_contract_violations_total",
    help: "Answers that were not as the contract describes them, by operationId.",
    labelNames: ["operation"],
    registers: this.#registers,
  });
  readonly #queryDuration = new Histogram({
    name: "wuts_whatsapp_query_duration_seconds",
    help: "How long WhatsApp took for a query, by its xmlns and what it came to, without the wait for its turn.",
    labelNames: ["kind", "outcome"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32],
    registers: this.#registers,
  });
  readonly #underWay = new Gauge({
    name: "wuts_http_under_way",
    help: "Requests that are not over yet, and the bytes of their bodies.",
    labelNames: ["what"],
    registers: this.#registers,
    collect: () => {
      this.#underWay.set({ what: "requests" }, this.#held?.requests.taken ?? 0);
      this.#underWay.set({ what: "body_bytes" }, this.#held?.bodyBytes.taken ?? 0);
    },
  });
  readonly #queueDepth = new Gauge({
    name: "wuts_device_queue_depth",
    help: "Queries in the queues of all devices, waiting for their turn or running.",
    labelNames: ["state"],
    registers: this.#registers,
    collect: () => {
      const now = this.#shown?.stats();
      this.#queueDepth.set({ state: "waiting" }, now?.waiting ?? 0);
      this.#queueDepth.set({ state: "running" }, now?.running ?? 0);
    },
  });
  readonly #devices = new Gauge({
    name: "wuts_devices",
    help: "Devices in memory, by state.",
    labelNames: ["state"],
    registers: this.#registers,
    collect: () => {
      const states = Object.entries(this.#shown?.stats().byState ?? {});
      for (const [state, devices] of states) this.#devices.set({ state }, devices);
    },
  });
  readonly #closed = new Counter({
    name: "wuts_connections_closed_total",
    help: "Connections to WhatsApp that ended, by reason.",
    labelNames: ["reason"],
    registers: this.#registers,
  });
  readonly #reconnects = new Counter({
    name: "wuts_reconnects_total",
    help: "Lost connections to WhatsApp that were opened again, by the reason of the loss.",
    labelNames: ["reason"],
    registers: this.#registers,
  });

  /** Rare events start at 0: a counter that starts at 1 has no increase. */
  constructor(operations: readonly OperationDescription[]) {
    for (const { operationId } of operations) this.#violations.inc({ operation: operationId }, 0);
    for (const reason of closeReasons) this.#closed.inc({ reason }, 0);
    for (const reason of reconnectReasons) this.#reconnects.inc({ reason }, 0);
    for (const figure of this.#process.all) this.#show(figure);
  }

  /** Starts to observe the process. @param devices figures of the devices, read at each scrape */
  start(devices: Pick<DeviceRegistry, "stats">, held: UnderWay): void {
    this.#shown = devices;
    this.#held = held;
    this.#process.start();
  }

  stop(): void {
    this.#process.stop();
  }

  /** Runs the rest only: a request is counted when it has finished. */
  requestStarted(_request: StartedRequest, rest: () => void): void {
    rest();
  }

  requestFinished(
    _request: StartedRequest,
    { operation = none, status, errorCode = none, seconds }: FinishedRequest,
  ): void {
    this.#requests.inc({ operation, status: status ?? "aborted", error_code: errorCode });
    this.#requestDuration.observe({ operation }, seconds);
  }

  contractBroken(operation = none): void {
    this.#violations.inc({ operation });
  }

  connectionClosed(reason: DisconnectReason): void {
    this.#closed.inc({ reason });
  }

  reconnecting(reason: DisconnectReason): void {
    this.#reconnects.inc({ reason });
  }

  queryEnded(kind: string, outcome: QueryOutcome, seconds: number): void {
    this.#queryDuration.observe({ kind, outcome }, seconds);
  }

  async text(): Promise<string> {
    const text = await this.#registry.metrics();
    this.#process.resetWindow();
    return text;
  }

  #show({ name, help, isTotal, read }: ProcessMetric): void {
    const registers = this.#registers;
    if (isTotal) {
      new Counter({
        ...{ name, help, registers },
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    } else {
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(read());
        },
      });
    }
  }
}

const none = "none";
