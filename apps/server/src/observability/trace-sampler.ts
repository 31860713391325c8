import { getNumberFromEnv, getStringFromEnv } from "@opentelemetry/core";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

/**
 * Creates the sampler that the process's `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` name, as OpenTelemetry's
 * specification of environment variables defines them. Without a name, and for an unknown name, it is `parentbased_always_on`.
 */
export function samplerFromEnvironment(log: Logger): Sampler {
  const name = getStringFromEnv("OTEL_TRACES_SAMPLER")?.trim() ?? "parentbased_always_on";
  const root = samplerNamed(name.replace(/^parentbased_/, ""), log);
  if (root && !name.startsWith("parentbased_")) return root;
  if (!root) log.warn("OTEL_TRACES_SAMPLER names no sampler of OpenTelemetry: parentbased_always_on is used");
  return new ParentBasedSampler({ root: root ?? new AlwaysOnSampler() });
}

function samplerNamed(name: string, log: Logger): Sampler | undefined {
  switch (name) {
    case "always_on":
      return new AlwaysOnSampler();
    case "always_off":
      return new AlwaysOffSampler();
    case "traceidratio":
      return new TraceIdRatioBasedSampler(ratioFromEnvironment(log));
    default:
      return undefined;
  }
}

function ratioFromEnvironment(log: Logger): number {
  if (getStringFromEnv("OTEL_TRACES_SAMPLER_ARG") === undefined) return 1;
  const ratio = getNumberFromEnv("OTEL_TRACES_SAMPLER_ARG") ?? Number.NaN;
  if (ratio >= 0 && ratio <= 1) return ratio;
  log.warn("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1: 1 is used");
  return 1;
}
