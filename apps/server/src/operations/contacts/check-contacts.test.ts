import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, type TestContext, vi } from "vitest";
import {
  type Answer,
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  type CallOptions,
  dataOf,
  listAt,
  textAt,
} from "../../test-support/call.ts";
import { nextEvent } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { whileBusy } from "../../test-support/worlds/busy-device.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const bia = "5511888888888";
const withoutNinth = "551133333333";
const withNinth = "5511933333333";
const unregistered = "5511444444444";
const asked = "iq usync get";

/** The device is not lost when a test lets a quarter of an hour pass. */
const throughJumps = { WUTS_LEASE_MS: "3600000" };

const jidOf = (phone: string) => `${phone}@s.whatsapp.net`;
const out = (number: string) => ({
  number,
  on_whatsapp: false,
  jid: null,
  lid: null,
  phone_number: number,
  error_code: null,
  error: null,
});

/** Unregistered numbers; no two tests ask for the same one. */
const strangers = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => `${55_21_000_000_000 + from + index}`);

describe("POST /contacts/check", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    world = await startWorld({
      // A lost connection stays lost for a minute: what is answered meanwhile can be looked at in peace.
      WUTS_RECONNECT_MIN_MS: "60000",
      WUTS_RECONNECT_MAX_MS: "60000",
      ...throughJumps,
    });
    for (const phone of [owner, ana, bia]) world.simulator.addAccount({ phone });
    world.simulator.addAccount({ phone: withoutNinth, alsoReachedAs: [withNinth] });
    device = await world.pairedDevice(owner);
  });
  beforeEach(async () => {
    dataOf(await world.call("/connect", { method: "POST" }));
    await world.write("delete from registrations");
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const check = (numbers: unknown, options: CallOptions = {}, query = "") =>
    world.call(`/contacts/check${query}`, { method: "POST", body: { numbers }, ...options });
  const items = (answer: Answer) => listAt(dataOf(answer), "items");
  const queries = () => world.simulator.received.get(asked);
  const registered = (number: string, phone = number) => ({
    number,
    on_whatsapp: true,
    jid: jidOf(phone),
    lid: world.simulator.account(phone).lid,
    phone_number: phone,
    error_code: null,
    error: null,
  });

  describe("200", () => {
    it("says of each number whether it is registered, in the order of the request, with one query", async () => {
      assert.deepEqual(items(await check([unregistered, ana, bia])), [
        out(unregistered),
        registered(ana),
        registered(bia),
      ]);
      assert.equal(queries(), 1);
    });

    it("finds Brazilian numbers with and without the ninth digit", async () => {
      assert.deepEqual(items(await check([withNinth, withoutNinth])), [
        registered(withNinth, withoutNinth),
        registered(withoutNinth),
      ]);
    });

    it("repeats each number as it was written, and asks once for one that is written twice", async () => {
      const written = [ana, `+${ana}`, "+55 (11) 99999-9999", `00${ana}`, "+55 (21) 10000-0001"];
      const numbers: unknown[] = [];
      world.simulator.events.on("stanza", ({ stanza }) => {
        if (stanza.attrs.xmlns === "usync") numbers.push(...usersIn(stanza));
      });
      const answered = items(await check(written));
      assert.deepEqual(
        answered.map((item) => [at(item, "number"), at(item, "jid"), at(item, "phone_number")]),
        written.map((number, index) =>
          index === 4 ? [number, null, "5521100000001"] : [number, jidOf(ana), ana],
        ),
      );
      assert.equal(numbers.length, 2);
    });

    it("asks for 500 numbers in ten queries of 50", async () => {
      const numbers = strangers(498, 0).toSpliced(250, 0, ana, bia);
      const sizes: number[] = [];
      world.simulator.events.on("stanza", ({ stanza }) => {
        if (stanza.attrs.xmlns === "usync") sizes.push(usersIn(stanza).length);
      });
      const answered = items(await check(numbers));
      assert.deepEqual(
        answered.map((item) => at(item, "number")),
        numbers,
      );
      assert.deepEqual(
        answered.filter((item) => at(item, "on_whatsapp")),
        [registered(ana), registered(bia)],
      );
      assert.deepEqual(sizes, Array(10).fill(50));
    });

    it("remembers for a day who is registered, for a quarter of an hour who is not", async (t) => {
      vi.useFakeTimers({ toFake: ["performance"] });
      t.onTestFinished(() => void vi.useRealTimers());
      const [stranger = ""] = strangers(1, 2_000);
      items(await check([ana, stranger, withNinth]));
      assert.deepEqual(items(await check([ana, withNinth])), [
        registered(ana),
        registered(withNinth, withoutNinth),
      ]);
      assert.equal(queries(), 1);
      assert.deepEqual(items(await check([ana, stranger])), [registered(ana), out(stranger)]);
      assert.equal(queries(), 1);
      vi.advanceTimersByTime(15 * 60_000 + 1);
      assert.deepEqual(items(await check([ana, stranger])), [registered(ana), out(stranger)]);
      assert.equal(queries(), 2);
      const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000).toISOString();
      await world.write("update registrations set checked_at = ?", yesterday);
      items(await check([ana]));
      assert.equal(queries(), 3);
    });

    it("says of the others what WhatsApp says, when it refuses one of them", async () => {
      const contact = (...content: { tag: string; attrs: Record<string, string> }[]) => ({
        tag: "contact",
        attrs: { type: "out" },
        content,
      });
      const error = { tag: "error", attrs: { code: "406" } };
      const [stranger = ""] = strangers(1, 3_000);
      world.simulator.faults.malformed(
        asked,
        usync([
          { tag: "user", attrs: { jid: jidOf(ana) }, content: [contact(error)] },
          { tag: "user", attrs: { jid: jidOf(stranger) }, content: [contact()] },
        ]),
      );
      assert.deepEqual(items(await check([ana, stranger])), [
        {
          ...out(ana),
          on_whatsapp: null,
          error_code: "WHATSAPP_ERROR",
          error: "WhatsApp refused what it was asked (406)",
        },
        out(stranger),
      ]);
    });

    it("asks for the LID of who was found without it", async () => {
      await world.write(
        "insert into registrations (device_id, asked_jid, jid, checked_at) values (?, ?, ?, ?)",
        device,
        jidOf(ana),
        jidOf(ana),
        new Date().toISOString(),
      );
      assert.deepEqual(items(await check([ana])), [registered(ana)]);
      assert.equal(queries(), 1);
    });

    it("says what is wrong with one that is no phone number, and what of the others is", async () => {
      const none = (number: string, error: string) => ({
        ...out(number),
        on_whatsapp: null,
        phone_number: null,
        error_code: "VALIDATION_ERROR",
        error,
      });
      assert.deepEqual(items(await check(["x", "+974 055 12 3456", ana])), [
        none("x", "must be a phone number with country code, as +5511999999999"),
        none("+974 055 12 3456", "must leave out the 0 after the country code 974"),
        registered(ana),
      ]);
      assert.equal(queries(), 1);
      assert.deepEqual(at(items(await check(["x"])), 0, "error_code"), "VALIDATION_ERROR");
      assert.equal(queries(), 1);
    });

    it("takes a number about which WhatsApp says nothing for one that is not registered", async () => {
      world.simulator.faults.malformed(asked, usync([]));
      assert.deepEqual(items(await check([ana])), [out(ana)]);
    });

    it("answers two equal requests at the same time with one query", async () => {
      world.simulator.faults.latency(500, asked);
      const [one, other] = await Promise.all([check([ana, bia]), check([ana, bia])]);
      assert.deepEqual(items(one), items(other));
      assert.equal(queries(), 1);
    });
  });

  describe("400", () => {
    for (const [what, numbers] of [
      ["none", []],
      ["more than 500", strangers(501, 0)],
      ["something else than a list", ana],
    ] as const) {
      it(`refuses ${what}`, async () => {
        assertInvalid(await check(numbers), "numbers");
        assert.equal(queries(), 0);
      });
    }

    it("refuses a body without numbers, and fields that are not known", async () => {
      assertInvalid(await world.call("/contacts/check", { method: "POST", body: {} }), "numbers");
      const body = { numbers: [ana], colour: "red" };
      assertInvalid(await world.call("/contacts/check", { method: "POST", body }), "colour");
    });
  });

  it("401: refuses who sends no token", async () => {
    assertRefused(await check([ana], { token: null }), 401, "UNAUTHORIZED");
  });

  it("404: says DEVICE_NOT_FOUND for a device that is not the caller's", async () => {
    assertRefused(await check([ana], {}, `?device_id=${randomUUID()}`), 404, "DEVICE_NOT_FOUND");
    const stranger = { token: await world.addUser() };
    assertRefused(await check([ana], stranger, `?device_id=${device}`), 404, "DEVICE_NOT_FOUND");
  });

  it("409: says DEVICE_NOT_PAIRED of a new device, DEVICE_AMBIGUOUS of two", async () => {
    const token = await world.addUser();
    await world.createDevice("New", token);
    assertRefused(await check([ana], { token }), 409, "DEVICE_NOT_PAIRED");
    await world.createDevice("Newer", token);
    assertRefused(await check([ana], { token }), 409, "DEVICE_AMBIGUOUS");
  });

  it("413 and 415: refuses a body that is too large, or no JSON", async () => {
    const body = JSON.stringify({ numbers: ["x".repeat(200_000)] });
    assertRefused(await world.call("/contacts/check", { method: "POST", body }), 413, "PAYLOAD_TOO_LARGE");
    const headers = { "content-type": "text/plain" };
    assertRefused(await check([ana], { headers }), 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  describe("429", () => {
    it("says WHATSAPP_RATE_LIMITED with Retry-After", async () => {
      world.simulator.faults.answerError(asked, 429);
      const answer = await check([ana]);
      assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
      assertRetryAfter(answer, 1, 3600);
    });

    it("says so too when WhatsApp says it inside of its answer", async () => {
      const error = { tag: "error", attrs: { code: "429" } };
      const result = { tag: "result", attrs: {}, content: [{ tag: "contact", attrs: {}, content: [error] }] };
      world.simulator.faults.malformed(asked, [{ tag: "usync", attrs: {}, content: [result] }]);
      assertRefused(await check([ana]), 429, "WHATSAPP_RATE_LIMITED");
    });

    it("says nothing of the others when a later query is refused, and remembers what it was told", async () => {
      let sent = 0;
      world.simulator.faults.answerError(({ attrs }) => attrs.xmlns === "usync" && ++sent > 1, 429);
      const numbers = [ana, ...strangers(99, 1_000)];
      assertRefused(await check(numbers), 429, "WHATSAPP_RATE_LIMITED");
      assert.equal(queries(), 2);
      world.simulator.faults.reset();
      items(await check([ana]));
      assert.equal(queries(), 2);
    });
  });

  describe("502", () => {
    it("says WHATSAPP_ERROR for an answer that is not understood", async () => {
      world.simulator.faults.malformed(asked);
      assertRefused(await check([ana]), 502, "WHATSAPP_ERROR");
    });

    it("says WHATSAPP_ERROR for a reply about another contact", async () => {
      const contact = { tag: "contact", attrs: { type: "in" }, content: Buffer.from(`+${bia}`) };
      world.simulator.faults.malformed(
        asked,
        usync([{ tag: "user", attrs: { jid: jidOf(bia) }, content: [contact] }]),
      );
      assertRefused(await check([ana]), 502, "WHATSAPP_ERROR");
    });
  });

  describe("503", () => {
    it("says DEVICE_NOT_READY of a device that is disconnected, also for who is remembered", async () => {
      items(await check([ana]));
      await world.call("/disconnect", { method: "POST" });
      assertRefused(await check([ana]), 503, "DEVICE_NOT_READY");
    });

    it("says DEVICE_NOT_READY at once when the connection ends under the query", async () => {
      world.simulator.faults.silence(asked);
      const sent = nextEvent(
        world.simulator.events,
        "stanza",
        ({ stanza }) => stanza.attrs.xmlns === "usync",
      );
      const answering = check([ana]);
      await sent;
      world.simulator.faults.close(owner, "tcp-drop");
      const answer = await answering;
      assertRefused(answer, 503, "DEVICE_NOT_READY");
      assertRetryAfter(answer, 1, 60);
    });
  });
});

describe("POST /contacts/check when WhatsApp has half a second to answer, and one query at a time", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      WUTS_WHATSAPP_TIMEOUT_MS: "500",
      WUTS_DEVICE_CONCURRENCY: "1",
      WUTS_DEVICE_QUEUE: "0",
    });
    for (const phone of [owner, ana, bia]) world.simulator.addAccount({ phone });
    await world.pairedDevice(owner);
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const check = (...numbers: string[]) =>
    world.call("/contacts/check", { method: "POST", body: { numbers } });

  it("200: asks one query after the other, each with a deadline of its own", async () => {
    world.simulator.faults.latency(200, asked);
    const answer = await check(...strangers(160, 2_000));
    assert.equal(listAt(dataOf(answer), "items").length, 160);
  });

  it("504: says WHATSAPP_TIMEOUT when WhatsApp stays silent, and asks for no more", async () => {
    world.simulator.faults.silence(asked);
    world.simulator.received.reset();
    const startedAt = performance.now();
    assertRefused(await check(...strangers(100, 3_000)), 504, "WHATSAPP_TIMEOUT");
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs >= 480 && tookMs < 3_000, `${tookMs} ms`);
    assert.equal(world.simulator.received.get(asked), 1);
  });
});

interface Stanza {
  readonly tag: string;
  readonly attrs: Record<string, string>;
  readonly content?: string | Uint8Array | Stanza[];
}

function usync(users: Stanza[]): Stanza[] {
  return [{ tag: "usync", attrs: {}, content: [{ tag: "list", attrs: {}, content: users }] }];
}

function usersIn(stanza: object): unknown[] {
  const [list] = listAt(stanza, "content", 0, "content").filter((child) => at(child, "tag") === "list");
  return listAt(list, "content");
}

describe("POST /contacts/check by a device that lets no query wait", () => {
  it("503: says DEVICE_BUSY to who would have to wait behind too many", async (t) => {
    const answer = await whileBusy(
      t,
      [owner, ana, bia],
      (there) => there.call("/contacts/check", { method: "POST", body: { numbers: [ana] } }),
      (there) => there.call("/contacts/check", { method: "POST", body: { numbers: [bia] } }),
    );
    assertRefused(answer, 503, "DEVICE_BUSY");
    assertRetryAfter(answer, 1, 60);
  });
});

describe("POST /contacts/check, as often as a device asks", () => {
  const begin = async (t: TestContext) => {
    vi.useFakeTimers({ toFake: ["performance"] });
    t.onTestFinished(() => void vi.useRealTimers());
    const world = await startWorld({ WUTS_NUMBER_CHECKS_PER_MINUTE: "100", ...throughJumps });
    t.onTestFinished(() => world.stop());
    for (const phone of [owner, ana]) world.simulator.addAccount({ phone });
    await world.pairedDevice(owner);
    const check = (numbers: readonly string[]) =>
      world.call("/contacts/check", { method: "POST", body: { numbers } });
    return { world, check };
  };

  it("is DEVICE_BUSY for more than that until there is room; what is remembered takes none", async (t) => {
    const { check } = await begin(t);
    const many = [ana, ...strangers(79, 4_000)];
    dataOf(await check(many));
    const busy = await check(strangers(40, 5_000));
    assertRefused(busy, 503, "DEVICE_BUSY");
    assertRetryAfter(busy, 12, 12);
    assert.equal(textAt(busy.body, "error"), "the device asks for 100 of these a minute");
    for (let again = 0; again < 5; again += 1) dataOf(await check(many));
    dataOf(await check(strangers(20, 6_000)));
    vi.advanceTimersByTime(60_000);
    // All at once only when there is as much room as ever, and those after them wait for longer.
    dataOf(await check(strangers(300, 7_000)));
    const later = await check(strangers(1, 8_000));
    assertRefused(later, 503, "DEVICE_BUSY");
    assertRetryAfter(later, 121, 121);
  });

  it("asks no more for a while when WhatsApp says to slow down, for longer when it says so again", async (t) => {
    const { world, check } = await begin(t);
    const undo = world.simulator.faults.answerError(asked, 429);
    world.simulator.received.reset();
    for (const [pause, seconds] of [15, 30, 60, 60].entries()) {
      assertRefused(await check([ana]), 429, "WHATSAPP_RATE_LIMITED");
      for (let again = 0; again < 10; again += 1) {
        const refused = await check([ana]);
        assertRefused(refused, 429, "WHATSAPP_RATE_LIMITED");
        assertRetryAfter(refused, seconds, seconds);
      }
      assert.equal(world.simulator.received.get(asked), pause + 1);
      vi.advanceTimersByTime(seconds * 1_000);
    }
    undo();
    dataOf(await check([ana]));
  });
});
