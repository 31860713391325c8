import type { OperationDescription } from "@wuts/contract";
import type { Logger } from "pino";
import type { HttpEvents } from "../http/http-observer.ts";
import type { DeviceEvents } from "../sessions/device-observer.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The traces that one server sends to a collector. */
export interface Tracing extends HttpEvents, DeviceEvents {
  /** Sends the rest, and nothing more; gives up after a few seconds. */
  stop(): Promise<void>;
}

/**
 * Starts to send traces, if OpenTelemetry's variables name a collector; otherwise OpenTelemetry is not even loaded.
 * @param environment the process's own: the loaded SDK reads its variables there
 */
export async function startTracing(
  environment: Environment,
  operations: readonly OperationDescription[],
  log: Logger,
): Promise<Tracing | undefined> {
  if (!isWanted(environment)) return undefined;
  const { Traces } = await import("./traces.ts");
  return new Traces(operations, log);
}

/** As the specification of the SDK's environment variables says: empty means not set, and `true` is case-insensitive. */
function isWanted(environment: Environment): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = environment;
  if (!OTEL_EXPORTER_OTLP_ENDPOINT && !OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return false;
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === "true") return false;
  return environment.OTEL_TRACES_EXPORTER?.trim().toLowerCase() !== "none";
}

/** Combines two observers into one. Requests run inside the context that the second one creates. */
export function combineObservers(
  first: HttpEvents & DeviceEvents,
  second: HttpEvents & DeviceEvents,
): HttpEvents & DeviceEvents {
  return {
    requestStarted: (request, rest) => second.requestStarted(request, rest),
    requestFinished(request, outcome) {
      first.requestFinished(request, outcome);
      second.requestFinished(request, outcome);
    },
    contractBroken(operation) {
      first.contractBroken(operation);
      second.contractBroken(operation);
    },
    connectionClosed(reason) {
      first.connectionClosed(reason);
      second.connectionClosed(reason);
    },
    reconnecting(reason) {
      first.reconnecting(reason);
      second.reconnecting(reason);
    },
    queryEnded(kind, outcome, seconds) {
      first.queryEnded(kind, outcome, seconds);
      second.queryEnded(kind, outcome, seconds);
    },
  };
}
