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
import { ExportResultCode, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { OperationDescription } from "@wuts/contract";
import type { Logger } from "pino";
import type { AnsweredRequest, AskedRequest } from "../http/http-observer.ts";
import type { QueryOutcome } from "../sessions/device-observer.ts";
import type { Tracing } from "./tracing.ts";

/**
 * The traces of one server: a span for each request, and below it one for each query to WhatsApp that it took. Attributes
 * have OpenTelemetry's names where it has one. They hold words of the contract and of this code: no URL, header, tenant,
 * user, device or number.
 *
 * A query that no request waits for is a trace of its own; one that several wait for is below the first of them.
 */
export class Traces implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #requests = new AsyncLocalStorage<Span>();
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #routes: ReadonlyMap<string, string>;
  readonly #delivered: (delivered: boolean) => void;

  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    operations: readonly OperationDescription[],
    log: Logger,
  ) {
    this.#routes = new Map(operations.map(({ operationId, path }) => [operationId, path]));
    this.#delivered = warnOnce(log);
    this.#provider = new TracerProvider({
      resource: defaultResource()
        .merge(resourceFromAttributes({ "service.name": "wuts" }))
        .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
      sampler: samplerFrom(environment, log),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: telling(new OTLPTraceExporter(), this.#delivered),
          exportTimeoutMillis,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer("wuts");
  }

  asked({ method, headers }: AskedRequest, rest: () => void): void {
    const parent = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = { "http.request.method": method };
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
    this.#requests.run(span, rest);
  }

  answered({ operation, status, errorCode }: AnsweredRequest): void {
    const span = this.#requests.getStore();
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
    const request = this.#requests.getStore();
    const parent = request ? trace.setSpan(ROOT_CONTEXT, request) : ROOT_CONTEXT;
    const now = performance.timeOrigin + performance.now();
    const attributes = { "whatsapp.kind": kind, "whatsapp.outcome": outcome };
    const options = { kind: SpanKind.CLIENT, startTime: now - seconds * 1000, attributes };
    const span = this.#tracer.startSpan(`whatsapp ${kind}`, options, parent);
    // WhatsApp's refusals are answers: that there is no picture is one.
    if (outcome !== "answered" && outcome !== "refused") {
      span.setAttribute("error.type", outcome).setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(now);
  }

  /** Counted, and logged with what was wrong; the request's span says how it was answered. */
  contractBroken(): void {}

  /** Connections belong to no request. */
  connectionClosed(): void {}

  reconnecting(): void {}

  async stop(): Promise<void> {
    const givenUp = new AbortController();
    await Promise.race([
      this.#provider.shutdown().catch(() => undefined),
      pause(flushTimeoutMs, undefined, { signal: givenUp.signal }).then(
        () => this.#delivered(false),
        () => undefined,
      ),
    ]);
    givenUp.abort();
  }
}

/** How long one delivery may take. */
const exportTimeoutMillis = 10_000;

/** How long what is left may take at the end. */
const flushTimeoutMs = 3_000;

/** Says that spans cannot be delivered: once, until they can again. Reasons may hold the collector's URL, and are left out. */
function warnOnce(log: Logger): (delivered: boolean) => void {
  let failing = false;
  return (delivered) => {
    if (!delivered && !failing) log.warn("traces cannot be delivered: their collector does not take them");
    failing = !delivered;
  };
}

/** @param delivered is told of each delivery whether it succeeded */
function telling(exporter: SpanExporter, delivered: (delivered: boolean) => void): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        delivered(result.code === ExportResultCode.SUCCESS);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

/** The samplers of the specification: `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`. */
function samplerFrom(environment: Readonly<Record<string, string | undefined>>, log: Logger): Sampler {
  const name = environment.OTEL_TRACES_SAMPLER?.trim() || "parentbased_always_on";
  const [, parentBased, rootName = ""] = /^(parentbased_)?(.+)$/.exec(name) ?? [];
  const roots = new Map<string, () => Sampler>([
    ["always_on", () => new AlwaysOnSampler()],
    ["always_off", () => new AlwaysOffSampler()],
    ["traceidratio", () => new TraceIdRatioBasedSampler(ratioFrom(environment.OTEL_TRACES_SAMPLER_ARG, log))],
  ]);
  const root = roots.get(rootName)?.();
  if (!root) log.warn("OTEL_TRACES_SAMPLER names no sampler of OpenTelemetry: parentbased_always_on is used");
  return parentBased || !root ? new ParentBasedSampler({ root: root ?? new AlwaysOnSampler() }) : root;
}

function ratioFrom(text: string | undefined, log: Logger): number {
  if (!text) return 1;
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  log.warn("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1: 1 is used");
  return 1;
}
