import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { OperationDescription } from "@wuts/contract";
import type { Logger } from "pino";
import type { FinishedRequest, StartedRequest } from "../http/http-observer.ts";
import type { QueryOutcome } from "../sessions/device-observer.ts";
import { TraceExporter } from "./trace-exporter.ts";
import { samplerFromEnvironment } from "./trace-sampler.ts";
import type { Tracing } from "./tracing.ts";

/**
 * The traces of one server: a span for each request, and below it one for each query to WhatsApp that it took. Attributes
 * have OpenTelemetry's names where it has one. They hold words of the contract and of this code: no URL, header, tenant,
 * user, device or number.
 *
 * A query that no request waits for is a trace of its own; a query that several requests wait for is below the first of them.
 *
 * It uses the pieces of the SDK. `NodeSDK` of `@opentelemetry/sdk-node` registers its parts once for the whole process, where
 * several servers may live; and it loads every existing exporter.
 */
export class Traces implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  /** The request's span, in the asynchronous context of its handling. */
  readonly #current = new AsyncLocalStorage<Span>();
  /** The end of a response comes in a context of its own. */
  readonly #spans = new WeakMap<StartedRequest, Span>();
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #routes: ReadonlyMap<string, string>;
  readonly #exporter: TraceExporter;

  constructor(operations: readonly OperationDescription[], log: Logger) {
    this.#routes = new Map(operations.map(({ operationId, path }) => [operationId, path]));
    this.#exporter = new TraceExporter(log);
    this.#provider = new TracerProvider({
      resource: defaultResource()
        .merge(resourceFromAttributes({ "service.name": "wuts" }))
        .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
      sampler: samplerFromEnvironment(log),
      spanProcessors: [new BatchSpanProcessor({ exporter: this.#exporter, exportTimeoutMillis })],
    });
    this.#tracer = this.#provider.getTracer("wuts");
  }

  requestStarted(request: StartedRequest, rest: () => void): void {
    const { method, headers } = request;
    const parent = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = { "http.request.method": method };
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
    this.#spans.set(request, span);
    this.#current.run(span, rest);
  }

  requestFinished(request: StartedRequest, { operation, status, errorCode }: FinishedRequest): void {
    const span = this.#spans.get(request);
    if (!span) return;
    if (operation !== undefined) {
      span.updateName(operation);
      span.setAttribute("http.route", this.#routes.get(operation) ?? "");
    }
    if (status !== undefined) span.setAttribute("http.response.status_code", status);
    if (errorCode !== undefined) span.setAttribute("error_code", errorCode);
    const isOurs = status !== undefined && status >= 500;
    if (status === undefined || isOurs) span.setAttribute("error.type", errorCode ?? "aborted");
    if (isOurs) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }

  queryEnded(kind: string, outcome: QueryOutcome, seconds: number): void {
    const request = this.#current.getStore();
    const parent = request ? trace.setSpan(ROOT_CONTEXT, request) : ROOT_CONTEXT;
    const now = performance.timeOrigin + performance.now();
    const attributes = { "whatsapp.kind": kind, "whatsapp.outcome": outcome };
    const options = { kind: SpanKind.CLIENT, startTime: now - seconds * 1000, attributes };
    const span = this.#tracer.startSpan(`whatsapp ${kind}`, options, parent);
    // WhatsApp's refusals are valid replies, such as that a contact has no picture.
    if (outcome !== "answered" && outcome !== "refused") {
      span.setAttribute("error.type", outcome).setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(now);
  }

  /** Adds nothing: violations are counted and logged elsewhere, and the request's span has the status of the response. */
  contractBroken(): void {}

  /** Adds nothing: connections belong to no request. */
  connectionClosed(): void {}

  reconnecting(): void {}

  async stop(): Promise<void> {
    const givenUp = new AbortController();
    const shutdown = this.#provider.shutdown().catch(() => undefined);
    const late = pause(flushTimeoutMs, "late", { signal: givenUp.signal });
    if ((await Promise.race([shutdown, late])) === "late") this.#exporter.failed();
    givenUp.abort();
  }
}

/** The timeout of a delivery. */
const exportTimeoutMillis = 10_000;

/** The timeout of the last delivery at the end. */
const flushTimeoutMs = 3_000;
