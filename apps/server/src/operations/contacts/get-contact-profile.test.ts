import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  type CallOptions,
  dataOf,
  listAt,
  textAt,
} from "../../test-support/call.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { whileBusy } from "../../test-support/worlds/busy-device.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const bakery = "5511977777777";
const quiet = "5511888888888";
const withoutNinth = "551133333333";
const withNinth = "5511933333333";
const unregistered = "5511444444444";
const usync = "iq usync get";
const business = "iq w:biz get";

const jidOf = (phone: string) => `${phone}@s.whatsapp.net`;

describe("GET /contacts/profile", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    // A lost connection stays lost for a minute: what is answered meanwhile can be looked at in peace.
    world = await startWorld({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" });
    const { simulator } = world;
    simulator.addAccount({ phone: owner });
    simulator.addAccount({ phone: ana, about: "At work", picture: { id: "1700000000" } });
    simulator.addAccount({
      phone: quiet,
      aboutHidden: true,
      picture: { id: "1700000001" },
      pictureBehaviour: "hidden",
    });
    simulator.addAccount({
      phone: bakery,
      businessName: "Padaria Central",
      business: {
        description: "Bread since 1954",
        address: "Rua Central 1, São Paulo",
        email: "contato@example.com",
        category: "Bakery",
        websites: ["https://example.com", "https://example.org"],
      },
    });
    simulator.addAccount({ phone: withoutNinth, alsoReachedAs: [withNinth], about: "" });
    device = await world.pairedDevice(owner);
  });
  beforeEach(async () => {
    dataOf(await world.call("/connect", { method: "POST" }));
    for (const table of ["contacts", "registrations"]) await world.write(`delete from ${table}`);
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const look = (query: string, options: CallOptions = {}) =>
    world.call(`/contacts/profile?${query}`, options);
  const lidOf = (phone: string) => world.simulator.account(phone).lid;
  const counts = () => [world.simulator.received.get(usync), world.simulator.received.get(business)];

  describe("200", () => {
    it("tells what WhatsApp tells about a person, with one query", async () => {
      world.simulator.account(ana).setAbout("At work");
      const profile = dataOf(await look(`number=${ana}`));
      const setAt = new Date(textAt(profile, "about_set_at"));
      assert.ok(Math.abs(Date.now() - setAt.getTime()) < 60_000);
      assert.deepEqual(profile, {
        jid: jidOf(ana),
        lid: lidOf(ana),
        phone_number: ana,
        about: "At work",
        about_set_at: setAt.toISOString(),
        picture_id: "1700000000",
        devices: [jidOf(ana)],
        business_name: null,
        business_profile: null,
      });
      assert.deepEqual(counts(), [1, 0]);
    });

    it("tells what is hidden as null", async () => {
      assert.partialDeepStrictEqual(dataOf(await look(`number=${quiet}`)), {
        about: null,
        about_set_at: null,
        picture_id: null,
        devices: [jidOf(quiet)],
      });
    });

    it("tells the verified name and the profile of a business, with two queries", async () => {
      assert.partialDeepStrictEqual(dataOf(await look(`number=${bakery}`)), {
        phone_number: bakery,
        business_name: "Padaria Central",
        business_profile: {
          description: "Bread since 1954",
          address: "Rua Central 1, São Paulo",
          email: "contato@example.com",
          categories: ["Bakery"],
          websites: ["https://example.com", "https://example.org"],
        },
      });
      assert.deepEqual(counts(), [1, 1]);
    });

    it("lists linked devices", async () => {
      const devices = listAt(dataOf(await look(`jid=${jidOf(owner)}`)), "devices");
      assert.equal(devices[0], jidOf(owner));
      assert.match(String(devices[1]), new RegExp(`^${owner}:\\d+@s\\.whatsapp\\.net$`));
    });

    it("finds a Brazilian number under the form that is registered, and an empty about text as null", async () => {
      for (const target of [`number=${withNinth}`, `jid=${jidOf(withNinth)}`]) {
        assert.partialDeepStrictEqual(dataOf(await look(target)), {
          jid: jidOf(withoutNinth),
          phone_number: withoutNinth,
          about: null,
        });
      }
    });

    it("finds a person by LID, with the number where it is known", async () => {
      assert.partialDeepStrictEqual(dataOf(await look(`jid=${lidOf(ana)}`)), {
        jid: lidOf(ana),
        lid: lidOf(ana),
        phone_number: null,
        about: "At work",
        devices: [lidOf(ana)],
      });
      dataOf(await look(`number=${ana}`));
      assert.partialDeepStrictEqual(dataOf(await look(`jid=${lidOf(ana)}`)), {
        jid: jidOf(ana),
        lid: lidOf(ana),
        phone_number: ana,
        devices: [jidOf(ana)],
      });
      assert.deepEqual(counts(), [3, 0]);
    });

    it("knows the number of a LID from a message that told both", async () => {
      const message = nextEvent(world.simulator.events, "message");
      await world.simulator.account(quiet).sendMessage(owner, { conversation: "Oi" });
      await message;
      const profile = await until("the number of the sender", async () => {
        const seen = dataOf(await look(`jid=${lidOf(quiet)}`));
        return { found: at(seen, "phone_number") === null ? undefined : seen, seen };
      });
      assert.partialDeepStrictEqual(profile, { jid: jidOf(quiet), phone_number: quiet });
    });

    it("asks once for equal requests at the same time", async () => {
      world.simulator.faults.latency(500, usync);
      const answers = await Promise.all([look(`number=${ana}`), look(`jid=${ana}:3@s.whatsapp.net`)]);
      const [one, other] = answers.map((answer) => dataOf(answer));
      assert.deepEqual(one, other);
      assert.deepEqual(counts(), [1, 0]);
    });
  });

  describe("400", () => {
    it("names both parameters when neither is given", async () =>
      assertInvalid(await look(""), "jid", "number"));

    for (const [query, field] of [
      ["jid=x", "jid"],
      ["jid=120363039000000000@g.us", "jid"],
      ["number=12", "number"],
      [`number=${ana}&device_id=1`, "device_id"],
      [`number=${ana}&colour=red`, "colour"],
    ] as const) {
      it(`refuses ${query}`, async () => {
        assertInvalid(await look(query), field);
        assert.deepEqual(counts(), [0, 0]);
      });
    }
  });

  it("401: refuses who sends no token", async () => {
    assertRefused(await look(`number=${ana}`, { token: null }), 401, "UNAUTHORIZED");
  });

  describe("404", () => {
    it("says NOT_ON_WHATSAPP when WhatsApp says so, and forgets what it said before", async () => {
      await world.write(
        "insert into registrations (device_id, asked_jid, jid, checked_at) values (?, ?, ?, ?)",
        device,
        jidOf(unregistered),
        jidOf(unregistered),
        new Date().toISOString(),
      );
      assertRefused(await look(`number=${unregistered}`), 404, "NOT_ON_WHATSAPP");
      assert.deepEqual(await world.rows("select * from registrations"), []);
      assertRefused(await look(`jid=${jidOf(unregistered)}`), 404, "NOT_ON_WHATSAPP");
      assertRefused(await look("jid=112233445566778@lid"), 404, "NOT_ON_WHATSAPP");
      assert.deepEqual(counts(), [3, 0]);
    });

    it("says DEVICE_NOT_FOUND for a device that is not the caller's", async () => {
      const query = `number=${ana}&device_id=`;
      assertRefused(await look(query + randomUUID()), 404, "DEVICE_NOT_FOUND");
      assertRefused(await look(query + device, { token: await world.addUser() }), 404, "DEVICE_NOT_FOUND");
    });
  });

  it("409: says DEVICE_NOT_PAIRED of a new device, DEVICE_AMBIGUOUS of two", async () => {
    const token = await world.addUser();
    await world.createDevice("New", token);
    assertRefused(await look(`number=${ana}`, { token }), 409, "DEVICE_NOT_PAIRED");
    await world.createDevice("Newer", token);
    assertRefused(await look(`number=${ana}`, { token }), 409, "DEVICE_AMBIGUOUS");
  });

  for (const kind of [usync, business]) {
    it(`429: says WHATSAPP_RATE_LIMITED when "${kind}" is refused so`, async () => {
      world.simulator.faults.answerError(kind, 429);
      const answer = await look(`number=${bakery}`);
      assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
      assertRetryAfter(answer, 1, 3600);
    });

    it(`502: says WHATSAPP_ERROR when the answer to "${kind}" is not understood, or an error`, async () => {
      const undo = world.simulator.faults.malformed(kind);
      assertRefused(await look(`number=${bakery}`), 502, "WHATSAPP_ERROR");
      undo();
      world.simulator.faults.answerError(kind, 500);
      assertRefused(await look(`number=${bakery}`), 502, "WHATSAPP_ERROR");
    });
  }

  describe("503", () => {
    it("says DEVICE_NOT_READY of a device that is disconnected", async () => {
      await world.call("/disconnect", { method: "POST" });
      assertRefused(await look(`number=${ana}`), 503, "DEVICE_NOT_READY");
      assert.deepEqual(counts(), [0, 0]);
    });

    it("says DEVICE_NOT_READY at once when the connection ends under the query", async () => {
      world.simulator.faults.silence(usync);
      const sent = nextEvent(
        world.simulator.events,
        "stanza",
        ({ stanza }) => stanza.attrs.xmlns === "usync",
      );
      const answering = look(`number=${ana}`);
      await sent;
      world.simulator.faults.close(owner, "tcp-drop");
      assertRefused(await answering, 503, "DEVICE_NOT_READY");
    });
  });
});

describe("GET /contacts/profile when WhatsApp has half a second to answer", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "500" });
    for (const phone of [owner, ana]) world.simulator.addAccount({ phone });
    world.simulator.addAccount({ phone: bakery, businessName: "Padaria Central" });
    await world.pairedDevice(owner);
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  it("504: counts both queries against one deadline", async () => {
    for (const kind of [usync, business]) world.simulator.faults.latency(400, kind);
    assertRefused(await world.call(`/contacts/profile?number=${bakery}`), 504, "WHATSAPP_TIMEOUT");
  });
});

describe("GET /contacts/profile by a device that lets no query wait", () => {
  it("503: says DEVICE_BUSY to who would have to wait behind too many", async (t) => {
    const answer = await whileBusy(
      t,
      [owner, ana, bakery],
      (there) => there.call(`/contacts/profile?number=${ana}`),
      (there) => there.call(`/contacts/profile?number=${bakery}`),
    );
    assertRefused(answer, 503, "DEVICE_BUSY");
    assertRetryAfter(answer, 1, 60);
  });
});
