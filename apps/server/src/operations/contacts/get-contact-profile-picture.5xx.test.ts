import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, type TestContext, vi } from "vitest";
import { assertRefused, assertRetryAfter, at, dataOf, textAt } from "../../test-support/call.ts";
import { nextEvent } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const unregistered = "5511444444444";
const group = "120363039000000000@g.us";
const pictures = "iq w:profile:picture get";

describe("GET /contacts/profile-picture", () => {
  let world: World;
  beforeAll(async () => {
    // A lost connection stays lost for a minute: what is answered meanwhile can be looked at in peace.
    world = await startWorld({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" });
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    await world.pairedDevice(owner);
  });
  beforeEach(async () => {
    world.simulator.account(ana).setPictureBehaviour("visible");
    dataOf(await world.call("/connect", { method: "POST" }));
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const look = (query: string) => world.call(`/contacts/profile-picture?${query}`);
  const pictureAsked = () =>
    nextEvent(world.simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "w:profile:picture");

  describe("502", () => {
    for (const behaviour of ["malformed", "bad-request"] as const) {
      it(`says WHATSAPP_ERROR for a "${behaviour}" answer`, async () => {
        world.simulator.account(ana).setPictureBehaviour(behaviour);
        assertRefused(await look(`number=${ana}`), 502, "WHATSAPP_ERROR");
      });
    }

    it("says WHATSAPP_ERROR for a picture without a URL that is not known", async () => {
      world.simulator.account(ana).setPictureBehaviour("id-only");
      assertRefused(await look(`number=${ana}`), 502, "WHATSAPP_ERROR");
    });

    it("says WHATSAPP_ERROR when the answer about registration is not understood", async () => {
      world.simulator.faults.malformed("iq usync get");
      assertRefused(await look(`number=${unregistered}`), 502, "WHATSAPP_ERROR");
    });

    it("says WHATSAPP_ERROR when a URL has no web address in it", async () => {
      const picture = { tag: "picture", attrs: { id: "1", url: "javascript:alert(1)", type: "preview" } };
      world.simulator.faults.malformed(pictures, [picture]);
      assertRefused(await look(`number=${ana}`), 502, "WHATSAPP_ERROR");
    });
  });

  describe("503", () => {
    it("says DEVICE_NOT_READY of a device that was disconnected, and how to connect it", async () => {
      await world.call("/disconnect", { method: "POST" });
      const answer = await look(`number=${ana}`);
      assertRefused(answer, 503, "DEVICE_NOT_READY");
      assertRetryAfter(answer, 1, 3600);
      assert.match(textAt(answer.body, "error"), /POST \/connect/);
      assert.equal(world.simulator.received.get(pictures), 0);
    });

    it("says DEVICE_NOT_READY while the device reconnects, and when it will try", async () => {
      const gone = nextEvent(world.simulator.events, "disconnected");
      world.simulator.faults.close(owner, "tcp-drop");
      await gone;
      await world.untilState(
        textAt(at(dataOf(await world.call("/devices")), "items", 0), "id"),
        "reconnecting",
      );
      const answer = await look(`number=${ana}`);
      assertRefused(answer, 503, "DEVICE_NOT_READY");
      assertRetryAfter(answer, 30, 60);
    });

    it("says DEVICE_NOT_READY at once when the connection ends under the query", async () => {
      world.simulator.faults.silence(pictures);
      const asked = pictureAsked();
      const answering = look(`number=${ana}`);
      await asked;
      const lostAt = performance.now();
      world.simulator.faults.close(owner, "tcp-drop");
      const answer = await answering;
      assertRefused(answer, 503, "DEVICE_NOT_READY");
      assertRetryAfter(answer, 1, 60);
      assert.ok(performance.now() - lostAt < 5_000);
    });
  });
});

describe("GET /contacts/profile-picture of a device with room for one query and one that waits", () => {
  let world: World;
  const phones = ["5511911111111", "5511922222222", "5511933333333"];
  beforeAll(async () => {
    world = await startWorld({ WUTS_DEVICE_CONCURRENCY: "1", WUTS_DEVICE_QUEUE: "1" });
    world.simulator.addAccount({ phone: owner });
    for (const phone of phones) world.simulator.addAccount({ phone, picture: { id: phone } });
    await world.pairedDevice(owner);
  });
  afterAll(() => world.stop());

  describe("503", () => {
    it("says DEVICE_BUSY to who would have to wait behind too many", async () => {
      world.simulator.faults.latency(1_000, pictures);
      const answers = await Promise.all(
        phones.map((phone) => world.call(`/contacts/profile-picture?number=${phone}`)),
      );
      const [busy, ...others] = answers.filter(({ status }) => status !== 200);
      assert.ok(busy && others.length === 0, JSON.stringify(answers.map(({ status }) => status)));
      assertRefused(busy, 503, "DEVICE_BUSY");
      assertRetryAfter(busy, 1, 60);
    });
  });
});

describe("GET /contacts/profile-picture, as often as a device asks", () => {
  const begin = async (t: TestContext) => {
    vi.useFakeTimers({ toFake: ["performance"] });
    t.onTestFinished(() => void vi.useRealTimers());
    // The lease lasts through the jumps of the clock.
    const world = await startWorld({ WUTS_PICTURE_QUERIES_PER_MINUTE: "4", WUTS_LEASE_MS: "3600000" });
    t.onTestFinished(() => world.stop());
    const { simulator } = world;
    for (const phone of [owner, ana]) simulator.addAccount({ phone, picture: { id: "1700000000" } });
    simulator.addGroup({
      jid: group,
      subject: "Group",
      participants: [owner],
      picture: { id: "1700000039" },
    });
    await world.pairedDevice(owner);
    simulator.received.reset();
    return { world, look: (query = `number=${ana}`) => world.call(`/contacts/profile-picture?${query}`) };
  };

  it("is DEVICE_BUSY for more than that until there is room, but not of groups and not of many", async (t) => {
    const { world, look } = await begin(t);
    for (let index = 0; index < 4; index += 1) dataOf(await look());
    for (let again = 0; again < 3; again += 1) {
      const busy = await look();
      assertRefused(busy, 503, "DEVICE_BUSY");
      assertRetryAfter(busy, 15, 15);
    }
    assert.equal(world.simulator.received.get(pictures), 4);
    dataOf(await look(`jid=${group}`));
    const body = { numbers: [ana] };
    dataOf(await world.call("/contacts/profile-pictures", { method: "POST", body }));
    vi.advanceTimersByTime(15_000);
    dataOf(await look());
    assertRefused(await look(), 503, "DEVICE_BUSY");
    assert.equal(world.simulator.received.get(pictures), 7);
  });

  for (const [what, question, number] of [
    ["the picture", pictures, ana],
    ["a number without one", "iq usync get", unregistered],
  ] as const)
    it(`asks no more for a while when WhatsApp says to slow down to the question about ${what}`, async (t) => {
      const { world, look } = await begin(t);
      const undo = world.simulator.faults.answerError(question, 429);
      for (let again = 0; again < 10; again += 1) {
        assertRefused(await look(`number=${number}`), 429, "WHATSAPP_RATE_LIMITED");
        assert.equal(world.simulator.received.get(pictures), 1);
      }
      undo();
      vi.advanceTimersByTime(25 * 15_000);
      dataOf(await look());
    });
});

describe("GET /contacts/profile-picture when WhatsApp has half a second to answer", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "500" });
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, pictureBehaviour: "silent" });
    await world.pairedDevice(owner);
  });
  afterAll(() => world.stop());

  describe("504", () => {
    it("says WHATSAPP_TIMEOUT when WhatsApp stays silent, not before the deadline and not long after", async () => {
      const startedAt = performance.now();
      const answer = await world.call(`/contacts/profile-picture?number=${ana}`);
      const tookMs = performance.now() - startedAt;
      assertRefused(answer, 504, "WHATSAPP_TIMEOUT");
      assert.ok(tookMs >= 480 && tookMs < 3_000, `${tookMs} ms`);
    });

    it("counts both questions against one deadline", async () => {
      world.simulator.faults.silence("iq usync get");
      const startedAt = performance.now();
      const answer = await world.call(`/contacts/profile-picture?number=${unregistered}`);
      assertRefused(answer, 504, "WHATSAPP_TIMEOUT");
      assert.ok(performance.now() - startedAt < 3_000);
    });

    it("asks again after a timeout", async () => {
      world.simulator.account(ana).setPicture({ id: "1700000000" });
      world.simulator.account(ana).setPictureBehaviour("visible");
      dataOf(await world.call(`/contacts/profile-picture?number=${ana}`));
    });
  });
});
