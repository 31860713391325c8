import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

/**
 * Sends spans to the collector that the process's variables name. It logs a failed delivery once, until deliveries succeed
 * again. The reasons may contain the collector's URL, and are left out.
 */
export class TraceExporter extends OTLPTraceExporter {
  readonly #log: Logger;
  #isFailing = false;

  constructor(log: Logger) {
    super();
    this.#log = log;
  }

  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    super.export(spans, (result) => {
      if (result.code === ExportResultCode.SUCCESS) this.#isFailing = false;
      else this.failed();
      done(result);
    });
  }

  /** Spans were not delivered. */
  failed(): void {
    if (!this.#isFailing) this.#log.warn("traces cannot be delivered: their collector does not take them");
    this.#isFailing = true;
  }
}
