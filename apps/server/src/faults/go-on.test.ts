import assert from "node:assert/strict";
import { beforeAll, describe, it } from "vitest";
import { type LastingFault, quickFaults } from "../test-support/lasting-faults.ts";
import { assertAtMost, type Counted, countDuring } from "../test-support/minutes.ts";

/** Of a login, of six requests, and of what is taken at once; a client that goes on as fast as it is answered sends many more. */
const mostInAMoment = 120;

/** The short form of `minute.long.test.ts`, of the faults by which a client could be made to go on as fast as it is answered. */
describe("What a device sends in a moment of a fault that could go on for ever", () => {
  let counted: ReadonlyMap<LastingFault, Counted>;
  beforeAll(async () => {
    counted = await countDuring(quickFaults, 1_500, "one by one", { WUTS_WHATSAPP_TIMEOUT_MS: "700" });
  });

  for (const fault of quickFaults)
    it(`is bounded when WhatsApp ${fault.what}`, () => {
      const count = counted.get(fault);
      assert.ok(count);
      console.log(
        fault.what,
        count.stanzas,
        JSON.stringify(count.kinds),
        count.answers.map((a) => a.status).join(),
      );
      assertAtMost(mostInAMoment, count);
    });
});
