import { type Answer, dataOf } from "../call.ts";
import type { Scope } from "../processes/server-process.ts";
import { nextEvent } from "../until.ts";
import { startWorld, type World } from "../world.ts";

const usync = "iq usync get";

/**
 * Asks twice by a device that has one query under way at a time and lets none wait: the second time while WhatsApp takes a
 * second for the first. It may take eight, so that the first is answered on a busy machine, too; the test fails if it is not.
 * @param phones of the accounts that there are; the device is the first one's
 * @param first what asks WhatsApp who is registered, or for a profile
 * @returns the answer to the second
 */
export async function whileBusy(
  test: Scope,
  phones: readonly [string, ...string[]],
  first: (world: World) => Promise<Answer>,
  second: (world: World) => Promise<Answer>,
): Promise<Answer> {
  const world = await startWorld({ WUTS_DEVICE_CONCURRENCY: "1", WUTS_DEVICE_QUEUE: "0" });
  test.onTestFinished(() => world.stop());
  for (const phone of phones) world.simulator.addAccount({ phone });
  await world.pairedDevice(phones[0]);
  world.simulator.faults.latency(1_000, usync);
  const sent = nextEvent(world.simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "usync");
  const answer = first(world);
  await sent;
  const refusal = await second(world);
  dataOf(await answer);
  return refusal;
}
