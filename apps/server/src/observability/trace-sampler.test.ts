import assert from "node:assert/strict";
import { afterEach, describe, it, vi } from "vitest";
import { captureLog } from "../test-support/captured-log.ts";
import { samplerFromEnvironment } from "./trace-sampler.ts";

const parentBased = (root: string) =>
  `ParentBased{root=${root}, remoteParentSampled=AlwaysOnSampler, remoteParentNotSampled=AlwaysOffSampler, ` +
  "localParentSampled=AlwaysOnSampler, localParentNotSampled=AlwaysOffSampler}";

const badRatio = "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1: 1 is used";
const badName = "OTEL_TRACES_SAMPLER names no sampler of OpenTelemetry: parentbased_always_on is used";

describe("samplerFromEnvironment", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  for (const [name, ratio, sampler, warning] of [
    ["", "", parentBased("AlwaysOnSampler")],
    ["always_on", "", "AlwaysOnSampler"],
    [" always_off ", "0.5", "AlwaysOffSampler"],
    ["traceidratio", "", "TraceIdRatioBased{1}"],
    ["traceidratio", "0.25", "TraceIdRatioBased{0.25}"],
    ["parentbased_always_off", "", parentBased("AlwaysOffSampler")],
    ["parentbased_traceidratio", "0", parentBased("TraceIdRatioBased{0}")],
    ["traceidratio", "1.5", "TraceIdRatioBased{1}", badRatio],
    ["traceidratio", "half", "TraceIdRatioBased{1}", badRatio],
    ["jaeger_remote", "", parentBased("AlwaysOnSampler"), badName],
  ] as const) {
    it(`makes ${sampler.slice(0, 40)} of "${name}" and "${ratio}"`, () => {
      vi.stubEnv("OTEL_TRACES_SAMPLER", name);
      vi.stubEnv("OTEL_TRACES_SAMPLER_ARG", ratio);
      const { log, logged } = captureLog();
      assert.equal(samplerFromEnvironment(log).toString(), sampler);
      assert.deepEqual(
        [badRatio, badName].filter((text) => logged(text).length > 0),
        warning === undefined ? [] : [warning],
      );
    });
  }
});
