import assert from "node:assert/strict";
import { describe, it, type TestContext } from "vitest";
import { assertRefused, dataOf } from "../test-support/call.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";
const contacts = Array.from({ length: 12 }, (_, index) => `${5_521_900_000_000 + index}`);
const pictures = "iq w:profile:picture get";

/** A paired device that asks eight things at once, and contacts with pictures. */
async function worldWithWindow(t: TestContext): Promise<World> {
  const world = await startWorld({ WUTS_DEVICE_CONCURRENCY: "8" });
  t.onTestFinished(() => world.stop());
  world.simulator.addAccount({ phone: owner });
  for (const phone of contacts) world.simulator.addAccount({ phone, picture: { id: phone } });
  await world.pairedDevice(owner);
  return world;
}

const look = (world: World, phone: string) => world.call(`/contacts/profile-picture?number=${phone}`);

interface Stanza {
  readonly attrs: Readonly<Record<string, string>>;
}

const isPictureQuery = ({ attrs }: Stanza) => attrs.xmlns === "w:profile:picture";

/** Asks for all pictures at once. @returns how many questions WhatsApp had at the same time, at most */
async function mostAtOnce(world: World, t: TestContext): Promise<number> {
  const { faults, events } = world.simulator;
  const latencyMs = 100;
  const undo = faults.latency(latencyMs, pictures);
  const arrivals: number[] = [];
  const arrived = ({ stanza }: { stanza: Stanza }) => {
    if (isPictureQuery(stanza)) arrivals.push(performance.now());
  };
  events.on("stanza", arrived);
  t.onTestFinished(() => void events.off("stanza", arrived));
  for (const answer of await Promise.all(contacts.map((phone) => look(world, phone)))) dataOf(answer);
  events.off("stanza", arrived);
  undo();
  // None of those that came within the latency had a reply yet.
  const atOnce = arrivals.map(
    (now) => arrivals.filter((at) => at <= now && now - at < latencyMs - 10).length,
  );
  return Math.max(...atOnce);
}

describe("The questions of a device under way at once", () => {
  it("are fewer after WhatsApp has asked to slow down, and more again with its replies", async (t) => {
    const world = await worldWithWindow(t);
    const allEight = () =>
      until("eight at once", async () => {
        const seen = await mostAtOnce(world, t);
        return { found: seen === 8 || undefined, seen };
      });
    await allEight();
    const undo = world.simulator.faults.answerError(pictures, 429);
    assertRefused(await look(world, owner), 429, "WHATSAPP_RATE_LIMITED");
    undo();
    const fewer = await mostAtOnce(world, t);
    assert.ok(fewer <= 6, `${fewer}`);
    await allEight();
  });

  it("hold up no others when WhatsApp never replies to them", async (t) => {
    const world = await worldWithWindow(t);
    const { faults, events } = world.simulator;
    const silent = new Set(contacts.slice(0, 8).map((phone) => `${phone}@s.whatsapp.net`));
    faults.silence((stanza) => isPictureQuery(stanza) && silent.has(stanza.attrs.target ?? ""));
    let asked = 0;
    const all = nextEvent(events, "stanza", ({ stanza }) => isPictureQuery(stanza) && ++asked === 8);
    const order: string[] = [];
    const silentOnes = contacts.slice(0, 8).map(async (phone) => {
      assertRefused(await look(world, phone), 504, "WHATSAPP_TIMEOUT");
      order.push("silent");
    });
    await all;
    for (const phone of contacts.slice(8)) {
      dataOf(await look(world, phone));
      order.push("answered");
    }
    await Promise.all(silentOnes);
    assert.deepEqual(order.slice(0, 4), Array(4).fill("answered"));
  });
});
