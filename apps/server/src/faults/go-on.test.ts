import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { quickFaults } from "../test-support/lasting-faults.ts";
import { assertAtMost, countDuring, startCountingWorld } from "../test-support/minutes.ts";
import type { World } from "../test-support/world.ts";

/** Of a login, of six requests, and of what is taken at once; a client that goes on as fast as it is answered sends many more. */
const mostInAMoment = 120;

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
