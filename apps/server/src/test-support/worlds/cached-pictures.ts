import assert from "node:assert/strict";
import type { Account } from "@wuts/whatsapp-simulator";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type Answer, at, type CallOptions, dataOf } from "../call.ts";
import { nextEvent } from "../until.ts";
import { type Settings, startWorld, type World } from "../world.ts";

export const owner = "5511900000000";
export const withoutNinth = "551133333333";
export const withNinth = "5511933333333";
export const unregistered = "5511444444444";
export const group = "120363039000000000@g.us";
export const community = "120363040000000000@g.us";
export const pictures = "iq w:profile:picture get";

/** The numbers of contacts in the owner's address book, so that WhatsApp sends notifications about their pictures. */
export const phones = Array.from({ length: 60 }, (_, index) => `${5_531_900_000_000 + index}`);

/** A paired device, whose owner has contacts with pictures. */
export async function worldOfAnswers(settings: Settings): Promise<World> {
  const world = await startWorld({
    WUTS_WHATSAPP_TIMEOUT_MS: "3000",
    WUTS_PICTURE_PACE_PER_MINUTE: "60000",
    ...settings,
  });
  const { simulator } = world;
  for (const phone of phones) simulator.addAccount({ phone, picture: { id: `1${phone}` } });
  const contacts = phones.map((phone) => ({ phone, fullName: `Friend ${phone}` }));
  simulator.addAccount({ phone: owner, picture: { id: "1600000000" }, contacts });
  simulator.addAccount({ phone: withoutNinth, alsoReachedAs: [withNinth], picture: { id: "1700000003" } });
  simulator.addGroup({ jid: group, subject: "Group", participants: [owner], picture: { id: "1700000039" } });
  simulator.addGroup({
    jid: community,
    subject: "Community",
    picture: { id: "1700000040" },
    community: true,
  });
  await world.pairedDevice(owner);
  return world;
}

/** What the tests do in a world, and see of it. */
export function usersOf(world: World) {
  const { simulator } = world;
  const rest = [...phones];
  const call = (path: string, options?: CallOptions) => world.call(`/contacts/${path}`, options);
  return {
    call,
    /** An account that no test has asked for. */
    someone(): Account {
      return simulator.account(rest.shift() ?? "");
    },
    look: (query: string, options?: CallOptions) => call(`profile-picture?${query}`, options),
    image: (query: string, options?: CallOptions) => call(`profile-picture/image?${query}`, options),
    lookUp: (numbers: readonly string[], options: CallOptions = {}) =>
      call("profile-pictures", { method: "POST", body: { numbers }, ...options }),
    /** How many queries for pictures, groups and users WhatsApp got so far. */
    asked() {
      const { received } = simulator;
      return received.get(pictures) + received.get("iq w:g2 get") + received.get("iq usync get");
    },
    /** The JIDs with cached responses, in any size. */
    remembered: async (...jids: readonly string[]) =>
      (await world.rows("select distinct asked_jid from picture_answers order by 1"))
        .map((row) => String(at(row, "asked_jid")))
        .filter((jid) => jids.length === 0 || jids.includes(jid)),
    /**
     * Changes a contact's picture, and waits until the server acknowledges the notification to WhatsApp.
     * @returns how many responses are cached at that moment
     */
    async changed(change: () => void, named: string): Promise<number> {
      let left: Promise<unknown[]> | undefined;
      const heard = nextEvent(simulator.events, "stanza", ({ stanza: { tag, attrs } }) => {
        const isIt = tag === "ack" && attrs.type === "picture" && attrs.to === named;
        if (isIt) left = world.rows("select * from picture_answers");
        return isIt;
      });
      change();
      await heard;
      assert.ok(left !== undefined);
      return (await left).length;
    },
  };
}

export type Users = ReturnType<typeof usersOf>;

/** Has the tests of a suite share a world that remembers for an hour. Each begins with nothing remembered. */
export function shareWorldOfAnswers(take: (shared: { world: World; to: Users }) => void): void {
  let world: World;
  beforeAll(async () => {
    world = await worldOfAnswers({ WUTS_PICTURE_CACHE_SECONDS: "3600" });
    take({ world, to: usersOf(world) });
  });
  beforeEach(async () => {
    await world.write("delete from picture_answers");
    await world.write("delete from registrations");
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());
}

export const idOf = (answer: Answer) => at(dataOf(answer), "picture_id");
export const noCache = { headers: { "cache-control": "no-cache" } };

/** Deletes what sockets and WhatsApp have reported about numbers and LIDs. */
export async function forgetWhoIsWho(world: World): Promise<void> {
  for (const table of ["contacts", "registrations"]) await world.write(`delete from ${table}`);
  await world.write("delete from signal_keys where type = 'lid-mapping'");
}
