import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { CallOptions } from "../call.ts";
import { until } from "../until.ts";
import type { World } from "../world.ts";

/** Values by what stands before them in Prometheus' text format, such as `wuts_devices{state="connected"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Reads the metrics of a server. */
export async function samplesOf(world: World, options: CallOptions = { token: null }): Promise<Samples> {
  const { status, body } = await world.call("/metrics", options);
  assert.equal(status, 200, JSON.stringify(body));
  return readSamples(String(body));
}

export function readSamples(text: string): Samples {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [, sample = "", value] = /^(\w+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
      assert.ok(sample && Number.isFinite(Number(value)), `this is no sample: ${line}`);
      return [sample, Number(value)];
    }),
  );
}

/** Does something, and waits until these samples have grown by so much. */
export async function assertGrowth(
  world: World,
  expected: Readonly<Record<string, number>>,
  act: () => Promise<unknown>,
): Promise<void> {
  const before = await samplesOf(world);
  await act();
  await until("these samples to grow", async () => {
    const now = await samplesOf(world);
    const grown = Object.keys(expected).map((sample) => [
      sample,
      (now.get(sample) ?? 0) - (before.get(sample) ?? 0),
    ]);
    const seen = Object.fromEntries(grown);
    return { found: isDeepStrictEqual(seen, expected) ? true : undefined, seen };
  });
}
