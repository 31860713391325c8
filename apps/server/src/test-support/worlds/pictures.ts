import type { TestContext } from "vitest";
import type { Overrides } from "../../app/compose.ts";
import { type Settings, startWorld, type World } from "../world.ts";

export const owner = "5511900000000";
export const ana = "5511999999999";
export const withoutPicture = "5511888888888";
export const hidden = "5511777777777";
export const limited = "5511666666666";
export const silent = "5511555555555";
export const malformed = "5511222222222";
export const withoutNinth = "551133333333";
export const withNinth = "5511933333333";
export const unregistered = "5511444444444";
export const group = "120363039000000000@g.us";

export const jidOf = (phone: string) => `${phone}@s.whatsapp.net`;

/** A paired device, and contacts of every kind to ask about. */
export async function worldOfPictures(settings: Settings = {}, overrides: Overrides = {}): Promise<World> {
  // A lost connection stays lost for a minute: what is answered meanwhile can be looked at in peace.
  const usual = {
    WUTS_RECONNECT_MIN_MS: "60000",
    WUTS_RECONNECT_MAX_MS: "60000",
    WUTS_PICTURE_PACE_PER_MINUTE: "60000",
    WUTS_WHATSAPP_TIMEOUT_MS: "3000",
  };
  const world = await startWorld({ ...usual, ...settings }, { overrides });
  const { simulator } = world;
  simulator.addAccount({ phone: owner });
  simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
  simulator.addAccount({ phone: withoutPicture });
  simulator.addAccount({ phone: hidden, picture: { id: "1700000007" }, pictureBehaviour: "hidden" });
  for (const [phone, pictureBehaviour] of [
    [limited, "rate-limited"],
    [silent, "silent"],
    [malformed, "malformed"],
  ] as const)
    simulator.addAccount({ phone, pictureBehaviour });
  simulator.addAccount({ phone: withoutNinth, alsoReachedAs: [withNinth], picture: { id: "1700000003" } });
  simulator.addGroup({ jid: group, subject: "Group", participants: [owner], picture: { id: "1700000039" } });
  await world.pairedDevice(owner);
  return world;
}

/** Contacts who have pictures, others each time. */
export function crowdOf(world: World, count: number): string[] {
  const first = nextPhone;
  nextPhone += count;
  const phones = Array.from({ length: count }, (_, index) => `${first + index}`);
  for (const phone of phones) world.simulator.addAccount({ phone, picture: { id: phone } });
  return phones;
}

let nextPhone = 55_31_900_000_000;

export interface Arrival {
  readonly target: unknown;
  readonly at: number;
}

/** Notes whose pictures the simulator is asked for, and when. */
export function arrivals(world: World, t: TestContext): Arrival[] {
  const seen: Arrival[] = [];
  const note = ({ stanza: { attrs } }: { stanza: { attrs: Record<string, string> } }) => {
    if (attrs.xmlns === "w:profile:picture") seen.push({ target: attrs.target, at: performance.now() });
  };
  world.simulator.events.on("stanza", note);
  t.onTestFinished(() => void world.simulator.events.off("stanza", note));
  return seen;
}

export const isPictureQuery = ({ stanza }: { stanza: { attrs: Record<string, string> } }) =>
  stanza.attrs.xmlns === "w:profile:picture";
