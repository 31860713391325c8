import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import {
  type Answer,
  assertInvalid,
  assertRefused,
  at,
  type CallOptions,
  dataOf,
  listAt,
} from "../../test-support/call.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import type { World } from "../../test-support/world.ts";
import {
  ana,
  arrivals,
  crowdOf,
  group,
  hidden,
  isPictureQuery,
  jidOf,
  limited,
  malformed,
  owner,
  silent,
  unregistered,
  withNinth,
  withoutPicture,
  worldOfPictures,
} from "../../test-support/worlds/pictures.ts";

function lookUp(world: World, body: object, options: CallOptions = {}, query = ""): Promise<Answer> {
  return world.call(`/contacts/profile-pictures${query}`, { method: "POST", body, ...options });
}

function items(answer: Answer): unknown[] {
  return listAt(dataOf(answer), "items");
}

function codes(answer: Answer): unknown[] {
  return items(answer).map((item) => at(item, "error_code"));
}

describe("POST /contacts/profile-pictures", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    world = await worldOfPictures();
    device = String(at(listAt(dataOf(await world.call("/devices")), "items")[0], "id"));
  });
  beforeEach(async () => {
    dataOf(await world.call("/connect", { method: "POST" }));
    await world.write("delete from registrations");
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  describe("200", () => {
    it("answers for each as GET /contacts/profile-picture does, in the order of the request", async () => {
      const jids = [group, jidOf(hidden)];
      const numbers = [unregistered, `+${ana}`, withoutPicture, malformed, withNinth, silent];
      const answered = items(await lookUp(world, { jids, numbers }));
      const asked = [
        ...jids.map((input) => ({ input, query: { jid: input } })),
        ...numbers.map((input) => ({ input, query: { number: input } })),
      ];
      assert.equal(answered.length, asked.length);
      for (const [index, { input, query }] of asked.entries()) {
        const single = await world.call(`/contacts/profile-picture?${new URLSearchParams(query)}`);
        const { picture, error_code, error } = Object(answered[index]);
        assert.equal(at(answered[index], "input"), input);
        assert.deepEqual(
          { id: at(picture, "picture_id"), jid: at(picture, "jid"), error_code, error },
          {
            id: at(single.body, "data", "picture_id"),
            jid: at(single.body, "data", "jid"),
            error_code: at(single.body, "error_code") ?? null,
            error: at(single.body, "error") ?? null,
          },
        );
      }
      assert.deepEqual(
        answered.map((item) => at(item, "error_code")),
        [
          ...[null, "PICTURE_HIDDEN", "NOT_ON_WHATSAPP", null, "PICTURE_NOT_SET", "WHATSAPP_ERROR", null],
          "WHATSAPP_TIMEOUT",
        ],
      );
    });

    it("answers previews, and images on request", async () => {
      for (const [preview, type] of [
        [undefined, "preview"],
        [true, "preview"],
        [1, "preview"],
        [false, "image"],
        [0, "image"],
      ] as const)
        assert.equal(at(items(await lookUp(world, { numbers: [ana], preview }))[0], "picture", "type"), type);
    });

    it("asks once for who is named several times, and answers each time", async (t) => {
      const seen = arrivals(world, t);
      const answered = items(
        await lookUp(world, { jids: [jidOf(ana), `${ana}:3@s.whatsapp.net`], numbers: [ana, `00${ana}`] }),
      );
      assert.deepEqual(
        answered.map((item) => at(item, "picture", "jid")),
        Array(4).fill(jidOf(ana)),
      );
      assert.deepEqual(
        seen.map(({ target }) => target),
        [jidOf(ana)],
      );
    });

    it("takes 200", async () => {
      const phones = crowdOf(world, 200);
      const answered = items(
        await lookUp(world, { jids: phones.slice(0, 100).map(jidOf), numbers: phones.slice(100) }),
      );
      assert.deepEqual(
        answered.map((item) => at(item, "picture", "picture_id")),
        phones,
      );
    });

    it("answers WHATSAPP_RATE_LIMITED for one, and the others after a pause", async (t) => {
      const seen = arrivals(world, t);
      const phones = crowdOf(world, 20);
      const answer = await lookUp(world, { numbers: [limited, ...phones] });
      assert.deepEqual(codes(answer), ["WHATSAPP_RATE_LIMITED", ...Array(20).fill(null)]);
      // Some were under way when WhatsApp said so; then comes a gap of 25 turns of one millisecond each.
      const gaps = seen.slice(1).map(({ at: time }, index) => time - (seen[index]?.at ?? 0));
      assert.ok(Math.max(...gaps) >= 15, `${gaps}`);
    });

    it("answers DEVICE_NOT_READY for those that are left when the connection ends", async () => {
      const phones = crowdOf(world, 60);
      let asked = 0;
      const drop = (event: { stanza: { attrs: Record<string, string> } }) => {
        if (isPictureQuery(event) && ++asked === 20) world.simulator.faults.close(owner, "tcp-drop");
      };
      world.simulator.events.on("stanza", drop);
      const answered = codes(await lookUp(world, { numbers: phones }));
      world.simulator.events.off("stanza", drop);
      assert.equal(answered[0], null);
      assert.equal(answered.at(-1), "DEVICE_NOT_READY");
      assert.deepEqual([...new Set(answered)], [null, "DEVICE_NOT_READY"]);
    });

    it("answers two batches at the same time, each with its own", async () => {
      const phones = crowdOf(world, 40);
      const [one, other] = await Promise.all([
        lookUp(world, { numbers: phones.slice(0, 25) }),
        lookUp(world, { numbers: phones.slice(15) }),
      ]);
      assert.deepEqual(
        [one, other].map((answer) => items(answer).map((item) => at(item, "picture", "picture_id"))),
        [phones.slice(0, 25), phones.slice(15)],
      );
    });
  });

  describe("400", () => {
    it("refuses a body without jids and numbers", async () => {
      assertInvalid(await lookUp(world, { preview: true }), "body", "jids", "numbers");
    });

    it("refuses empty lists, and more than 200, together too", async () => {
      const many = Array(201).fill(ana);
      assertInvalid(await lookUp(world, { jids: [] }), "jids");
      assertInvalid(await lookUp(world, { numbers: many }), "numbers");
      assertInvalid(await lookUp(world, { jids: [jidOf(ana)], numbers: many.slice(1) }), "jids", "numbers");
    });

    it("names the entry that is longer than any", async () => {
      assertInvalid(await lookUp(world, { jids: [group, "x".repeat(65)] }), "jids.1");
      assertInvalid(await lookUp(world, { numbers: [ana, "1".repeat(65)] }), "numbers.1");
    });
  });

  it("401: refuses who sends no token", async () => {
    assertRefused(await lookUp(world, { numbers: [ana] }, { token: null }), 401, "UNAUTHORIZED");
  });

  it("404: says DEVICE_NOT_FOUND for a device that is not the caller's", async () => {
    assertRefused(
      await lookUp(world, { numbers: [ana] }, {}, `?device_id=${randomUUID()}`),
      404,
      "DEVICE_NOT_FOUND",
    );
    const stranger = { token: await world.addUser() };
    assertRefused(
      await lookUp(world, { numbers: [ana] }, stranger, `?device_id=${device}`),
      404,
      "DEVICE_NOT_FOUND",
    );
  });

  it("409: says DEVICE_NOT_PAIRED of a new device, DEVICE_AMBIGUOUS of two", async () => {
    const token = await world.addUser();
    await world.createDevice("New", token);
    assertRefused(await lookUp(world, { numbers: [ana] }, { token }), 409, "DEVICE_NOT_PAIRED");
    await world.createDevice("Newer", token);
    assertRefused(await lookUp(world, { numbers: [ana] }, { token }), 409, "DEVICE_AMBIGUOUS");
  });

  it("503: says DEVICE_NOT_READY of a device that is disconnected", async () => {
    await world.call("/disconnect", { method: "POST" });
    assertRefused(await lookUp(world, { numbers: [ana] }), 503, "DEVICE_NOT_READY");
  });

  it("503: says DEVICE_BUSY when a thousand are waited for, and has room again when they are gone", async () => {
    world.simulator.faults.silence(({ attrs }) => attrs.xmlns === "w:profile:picture");
    const gone = new AbortController();
    const strangers = Array.from({ length: 1_200 }, (_, index) => `${55_31_800_000_000 + index}`);
    const batches = Array.from({ length: 6 }, async (_, batch) => {
      const response = await fetch(`${world.url}/contacts/profile-pictures`, {
        method: "POST",
        headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json" },
        body: JSON.stringify({ numbers: strangers.slice(batch * 200, (batch + 1) * 200) }),
        signal: gone.signal,
      });
      return { status: response.status, body: await response.json() };
    });
    const first = await Promise.any(batches);
    assert.partialDeepStrictEqual(first, { status: 503, body: { error_code: "DEVICE_BUSY" } });
    gone.abort();
    await Promise.allSettled(batches);
    world.simulator.faults.reset();
    await until("room", async () => {
      const { status } = await lookUp(world, { numbers: [ana] });
      return { found: status === 200 ? true : undefined, seen: status };
    });
  });

  it("asks nothing more when the caller has closed the connection", async (t) => {
    const seen = arrivals(world, t);
    world.simulator.faults.latency(50, ({ attrs }) => attrs.xmlns === "w:profile:picture");
    const phones = crowdOf(world, 60);
    const gone = new AbortController();
    const first = nextEvent(world.simulator.events, "stanza", isPictureQuery);
    const answering = fetch(`${world.url}/contacts/profile-pictures`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json" },
      body: JSON.stringify({ numbers: phones }),
      signal: gone.signal,
    });
    await first;
    gone.abort();
    await assert.rejects(answering);
    world.simulator.faults.reset();
    // What waits longest for its turn would have had it before the last of these.
    items(await lookUp(world, { numbers: crowdOf(world, 60) }));
    const others = seen.filter(({ target }) => phones.includes(String(target).slice(0, -15)));
    assert.ok(others.length < 40, `${others.length} were asked for`);
  });
});

describe("POST /contacts/profile-pictures at 1,200 a minute", () => {
  let world: World;
  beforeAll(async () => {
    world = await worldOfPictures({ WUTS_PICTURE_PACE_PER_MINUTE: "1200", WUTS_PICTURES_TIMEOUT_MS: "1000" });
  });
  afterAll(() => world.stop());

  it("200: asks at that pace, all batches together", async (t) => {
    const seen = arrivals(world, t);
    const phones = crowdOf(world, 12);
    const answers = await Promise.all([
      lookUp(world, { numbers: phones.slice(0, 6) }),
      lookUp(world, { numbers: phones.slice(6) }),
    ]);
    for (const answer of answers) assert.deepEqual(codes(answer), Array(6).fill(null));
    // Eleven gaps of 50 ms; a busy machine may shift the first by some.
    const tookMs = (seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0);
    assert.equal(seen.length, 12);
    assert.ok(tookMs >= 450, `${tookMs} ms`);
    // The later batch does not wait for the end of the earlier one.
    const order = seen.map(({ target }) => phones.indexOf(String(target).slice(0, -15)));
    assert.ok(order.indexOf(6) < order.indexOf(5), `${order}`);
    assert.ok(order.indexOf(0) < order.indexOf(11), `${order}`);
  });

  it("200: answers DEVICE_BUSY for whose turn did not come in time", async (t) => {
    const seen = arrivals(world, t);
    const answered = codes(await lookUp(world, { numbers: crowdOf(world, 100) }));
    assert.deepEqual([...new Set(answered)], [null, "DEVICE_BUSY"]);
    const found = answered.filter((code) => code === null).length;
    assert.ok(found >= 1 && found <= 25, `${found}`);
    assert.equal(seen.length, found);
  });
});

describe("POST /contacts/profile-pictures with one query at a time", () => {
  let world: World;
  beforeAll(async () => {
    world = await worldOfPictures({
      WUTS_DEVICE_CONCURRENCY: "1",
      WUTS_DEVICE_QUEUE: "0",
      WUTS_PICTURES_TIMEOUT_MS: "1500",
    });
  });
  afterAll(() => world.stop());

  it("200: keeps its time when WhatsApp is silent", async (t) => {
    const seen = arrivals(world, t);
    const undo = world.simulator.faults.silence(({ attrs }) => attrs.xmlns === "w:profile:picture");
    t.onTestFinished(undo);
    const answered = codes(await lookUp(world, { numbers: crowdOf(world, 20) }));
    // Each takes half a second.
    assert.deepEqual([...new Set(answered)], ["WHATSAPP_TIMEOUT", "DEVICE_BUSY"]);
    assert.ok(seen.length <= 5, `${seen.length} were asked for`);
  });

  it("200: does not crowd itself out", async () => {
    const phones = crowdOf(world, 20);
    assert.deepEqual(codes(await lookUp(world, { numbers: phones })), Array(20).fill(null));
  });
});
