import assert from "node:assert/strict";
import { describe, it, type TestContext } from "vitest";
import { assertRefused, assertRetryAfter, at, dataOf, textAt } from "../test-support/call.ts";
import { type Settings, startWorld, type World } from "../test-support/world.ts";

async function worldWith(t: TestContext, settings: Settings): Promise<World> {
  const world = await startWorld(settings);
  t.onTestFinished(() => world.stop());
  return world;
}

const post = (world: World, path: string, body: object, token = world.token) =>
  world.call(path, { method: "POST", body, token });

const quotasOf = async (world: World, token = world.token) =>
  at(dataOf(await world.call("/me", { token })), "quotas");

/** How the answers to many requests at once ended, by status. */
async function countedByStatus(asking: readonly Promise<{ readonly status: number }>[]) {
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(asking)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe("Quotas", () => {
  it("let no more tokens, users and devices be made, however many are asked for at once", async (t) => {
    const world = await worldWith(t, {
      WUTS_MAX_TOKENS: "4",
      WUTS_MAX_USERS: "3",
      WUTS_MAX_DEVICES: "6",
    });
    const me = textAt(dataOf(await world.call("/me")), "user", "id");
    const many = <Of>(make: (index: number) => Of, length = 8) =>
      Array.from({ length }, (_, index) => make(index));
    const tokens = many((index) => post(world, `/users/${me}/tokens`, { name: `${index}` }));
    const users = many(
      (index) =>
        post(world, "/users", {
          email: `${index}@example.com`,
          role: "user",
        }),
      4,
    );
    const devices = many((index) => post(world, "/devices", { name: `${index}` }));
    assert.deepEqual(await countedByStatus(tokens), { 201: 3, 409: 5 });
    assert.deepEqual(await countedByStatus(users), { 201: 2, 409: 2 });
    assert.deepEqual(await countedByStatus(devices), { 201: 6, 409: 2 });
    for (const [answer, text] of [
      [await post(world, `/users/${me}/tokens`, { name: "more" }), "you have 4 tokens, and may have 4"],
      [await post(world, "/devices", { name: "more" }), "your tenant has 6 devices, and may have 6"],
    ] as const) {
      assertRefused(answer, 409, "QUOTA_REACHED");
      assert.equal(textAt(answer.body, "error"), text);
    }
    assert.partialDeepStrictEqual(await quotasOf(world), {
      tokens: { used: 4, limit: 4 },
      users: { used: 3, limit: 3 },
      devices: { used: 6, limit: 6 },
    });
  });

  it("are each tenant's own, and each user's", async (t) => {
    const world = await worldWith(t, { WUTS_MAX_TOKENS: "1", WUTS_MAX_DEVICES: "1" });
    await world.createDevice();
    const bia = await world.addPerson();
    assertRefused(await post(world, "/devices", { name: "More" }, bia.token), 409, "QUOTA_REACHED");
    const caio = await world.addPerson("user", await world.addTenant());
    dataOf(await post(world, "/devices", { name: "Own" }, caio.token), 201);
    const forBia = await post(world, `/users/${bia.id}/tokens`, { name: "more" });
    assertRefused(forBia, 409, "QUOTA_REACHED");
    assert.equal(textAt(forBia.body, "error"), "the user has 1 tokens, and may have 1");
  });

  it("have room again for what is gone or has expired", async (t) => {
    const world = await worldWith(t, { WUTS_MAX_TOKENS: "2", WUTS_MAX_DEVICES: "1" });
    const me = textAt(dataOf(await world.call("/me")), "user", "id");
    dataOf(await post(world, `/users/${me}/tokens`, { name: "short", expires_in: 60 }), 201);
    await world.write("update tokens set expires_at = '2026-01-01T00:00:00.000Z' where name = 'short'");
    dataOf(await post(world, `/users/${me}/tokens`, { name: "next" }), 201);
    const device = await world.createDevice();
    dataOf(await world.call(`/devices/${device}`, { method: "DELETE" }));
    await world.createDevice();
  });

  it("are none with 0", async (t) => {
    const none = Object.fromEntries(
      ["MAX_TOKENS", "MAX_USERS", "MAX_DEVICES", "MAX_PAIRINGS", "PAIRINGS_PER_HOUR"].map((name) => [
        `WUTS_${name}`,
        "0",
      ]),
    );
    const world = await worldWith(t, none);
    await world.createDevice();
    assert.deepEqual(await quotasOf(world), {
      tokens: { used: 1, limit: null },
      users: { used: 1, limit: null },
      devices: { used: 1, limit: null },
      pairings: { used: 0, limit: null },
      pairings_per_hour: { used: 0, limit: null },
    });
  });
});

describe("Quotas of pairings", () => {
  const qr = (world: World, device: string, more = "") => world.call(`/qr?device_id=${device}${more}`);

  it("count those under way, one for each device, until they are over", async (t) => {
    const world = await worldWith(t, { WUTS_MAX_PAIRINGS: "1" });
    const [one, two] = [await world.createDevice(), await world.createDevice()];
    for (const more of ["", "", "&refresh=true"]) dataOf(await qr(world, one, more));
    const refused = await qr(world, two);
    assertRefused(refused, 409, "QUOTA_REACHED");
    assert.partialDeepStrictEqual(await quotasOf(world), { pairings: { used: 1, limit: 1 } });
    dataOf(await world.call(`/disconnect?device_id=${one}`, { method: "POST" }));
    dataOf(await qr(world, two));
  });

  it("count in an hour what begins a pairing, and not what shows one", async (t) => {
    const world = await worldWith(t, { WUTS_PAIRINGS_PER_HOUR: "2" });
    const device = await world.createDevice();
    for (const more of ["", "", "&refresh=true", ""]) dataOf(await qr(world, device, more));
    const refused = await qr(world, device, "&refresh=true");
    assertRefused(refused, 429, "PAIRING_LIMITED");
    assertRetryAfter(refused, 3_500, 3_600);
    dataOf(await qr(world, device));
    assert.partialDeepStrictEqual(await quotasOf(world), { pairings_per_hour: { used: 2, limit: 2 } });
  });

  it("ask a few phones only, each as often as its user wants", async (t) => {
    const world = await worldWith(t, { WUTS_PAIRING_PHONES_PER_HOUR: "2" });
    const phones = ["5511900000001", "5511900000002", "5511900000003"] as const;
    for (const phone of phones) world.simulator.addAccount({ phone });
    const device = await world.createDevice();
    const code = (number: string, token = world.token) =>
      post(world, `/paircode?device_id=${device}`, { number }, token);
    for (const phone of [phones[0], phones[1], phones[0]]) dataOf(await code(phone));
    const refused = await code(phones[2]);
    assertRefused(refused, 429, "PAIRING_LIMITED");
    assertRetryAfter(refused, 3_500, 3_600);
    dataOf(await code(phones[1]));
    const bia = await world.addPerson("admin");
    dataOf(await code(phones[2], bia.token));
  });
});
