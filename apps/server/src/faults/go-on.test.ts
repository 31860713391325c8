import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { quickFaults } from "../test-support/faults/lasting-faults.ts";
import { assertAtMost, countDuring, startCountingWorld } from "../test-support/faults/minutes.ts";
import type { World } from "../test-support/world.ts";

/**
 * At most 60 times something that makes a device send three stanzas, see `demands.ts`, a login and six requests. A client that goes on
 * as fast as it is answered sends many more.
 */
const mostInAMoment = 250;

/** The short form of `minute.long.test.ts`, of the faults by which a client could be made to go on as fast as it is answered. */
describe("What a device sends in a moment of a fault that could go on for ever", () => {
  let world: World;
  beforeAll(async () => {
    world = await startCountingWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "700" });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  for (const [index, fault] of quickFaults.entries())
    it(`is bounded when WhatsApp ${fault.what}`, async () => {
      const phone = String(5_511_900_000_000 + index);
      assertAtMost(mostInAMoment, await countDuring(fault, world, phone, 1_200));
    });
});
