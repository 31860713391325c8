import assert from "node:assert/strict";
import { beforeAll, describe, it } from "vitest";
import { type LastingFault, quickFaults } from "../test-support/faults/lasting-faults.ts";
import { assertAtMost, type Counted, countSideBySide, type Span } from "../test-support/faults/minutes.ts";

/**
 * The bound of a minute, as in `minute.long.test.ts`: a slow machine takes up to a minute for a moment, and the limits of two
 * windows may fall into that. A client that loops as fast as it gets replies sends many more.
 */
const mostInAMoment = 500;

/** A device that goes on is found however slow the machine is: it is counted until it is quiet, or has sent too much. */
const moment: Span = { ms: 60_000, until: { quietMs: 1_200, stanzas: mostInAMoment } };

/** Bounds failure only: all devices are paired before any test, on a machine that has other work, too. */
const arrangementMs = 360_000;

/** The short form of `minute.long.test.ts`, for the faults that could make a client loop as fast as it gets replies. */
describe("What a device sends in a moment of a fault that could go on for ever", () => {
  let moments: ReadonlyMap<LastingFault, Counted>;
  beforeAll(async () => {
    moments = await countSideBySide(quickFaults, moment, { WUTS_WHATSAPP_TIMEOUT_MS: "700" });
  }, arrangementMs);

  for (const fault of quickFaults)
    it(`is bounded when WhatsApp ${fault.what}`, () => {
      const counted = moments.get(fault);
      assert.ok(counted);
      assertAtMost(mostInAMoment, counted);
    });
});
