import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { ReconnectBackoff } from "./reconnect-backoff.ts";

const options = { minMs: 1_000, maxMs: 60_000, stableMs: 60_000 };
const times = <Value>(count: number, make: () => Value): Value[] => Array.from({ length: count }, make);
const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);

describe("ReconnectDelay", () => {
  it("stays between its bounds", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 0, max: 3_600_000 }),
        (minMs, more) => {
          const delay = new ReconnectBackoff({ minMs, maxMs: minMs + more, stableMs: 60_000 });
          for (const ms of times(30, () => delay.next())) {
            assert.ok(Number.isInteger(ms) && ms >= minMs && ms <= minMs + more, `${ms}`);
          }
        },
      ),
    );
  });

  it("grows: late delays are longer than early ones", () => {
    const runs = times(50, () => {
      const delay = new ReconnectBackoff(options);
      const all = times(20, () => delay.next());
      return { early: sum(all.slice(0, 3)), late: sum(all.slice(-3)) };
    });
    assert.ok(sum(runs.map(({ late }) => late)) > 5 * sum(runs.map(({ early }) => early)));
  });

  it("differs from device to device", () => {
    const seconds = times(20, () => {
      const delay = new ReconnectBackoff(options);
      times(5, () => delay.next());
      return delay.next();
    });
    assert.ok(new Set(seconds).size > 5);
  });

  it("does not start again when a connection opens and closes again", () => {
    const late = times(50, () => {
      const delay = new ReconnectBackoff(options);
      return times(20, () => {
        delay.connectionEnded(59_999);
        return delay.next();
      }).slice(-5);
    }).flat();
    assert.ok(sum(late) / late.length > 10_000);
  });

  it("starts again when a connection was stable", () => {
    const firsts = times(50, () => {
      const delay = new ReconnectBackoff(options);
      times(20, () => delay.next());
      delay.connectionEnded(60_000);
      return delay.next();
    });
    assert.ok(sum(firsts) / firsts.length < 10_000);
  });

  it("restarts at once when WhatsApp asks, but not again and again", () => {
    const delay = new ReconnectBackoff(options);
    const waits = times(5, () => delay.forRestart());
    assert.deepEqual(waits.slice(0, 3), [0, 0, 0]);
    assert.ok(waits.slice(3).every((ms) => ms >= 1_000));
    delay.connectionEnded(60_000);
    assert.equal(delay.forRestart(), 0);
  });
});
