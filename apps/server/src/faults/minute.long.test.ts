import assert from "node:assert/strict";
import { beforeAll, describe } from "vitest";
import { faultsOf } from "../test-support/faults/fault.ts";
import { type LastingFault, lastingFaults } from "../test-support/faults/lasting-faults.ts";
import { assertAtMost, type Counted, countSideBySide } from "../test-support/faults/minutes.ts";

/** Of a device that is asked six times, gets a change, and is cut off once: what is taken at once is taken on each connection. */
const mostInAMinute = 500;
/** As operators run it, and not as tests do, where a device comes back at once. */
const asUsual = { WUTS_RECONNECT_MIN_MS: "1000", WUTS_RECONNECT_MAX_MS: "60000" };

describe("What a device sends in a minute of each fault", () => {
  const fault = faultsOf("WhatsApp goes on for a minute");
  let minutes: ReadonlyMap<LastingFault, Counted>;
  beforeAll(async () => {
    minutes = await countSideBySide(lastingFaults, { ms: 60_000 }, asUsual);
  });

  for (const lasting of lastingFaults)
    fault(lasting.what, async (_test, notes) => {
      const minute = minutes.get(lasting);
      assert.ok(minute);
      for (const answer of minute.answers) notes.answer(answer);
      notes.end(minute.status, "while it goes on");
      notes.stanzas = minute.stanzas;
      assertAtMost(mostInAMinute, minute);
    });
});
