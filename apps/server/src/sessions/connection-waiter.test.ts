import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import {
  type Answer,
  assertRefused,
  assertRetryAfter,
  at,
  dataOf,
  listAt,
  textAt,
} from "../test-support/call.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";
import {
  ana,
  crowdOf,
  group,
  isPictureQuery,
  owner,
  worldOfPictures,
} from "../test-support/worlds/pictures.ts";

const aMinute = "60000";
/** The device keeps retrying while its logins are refused. */
const soon = { WUTS_RECONNECT_MIN_MS: "1", WUTS_RECONNECT_MAX_MS: "20" };

/** Closes the connection and blocks reconnects until the returned function is called. */
async function lose(world: World): Promise<() => void> {
  const undo = world.simulator.faults.refuseLogin(503, owner);
  world.simulator.faults.close(owner, "tcp-drop");
  await attempts(world, 1);
  return undo;
}

/** Resolves after the device has made `count` more attempts to connect. */
async function attempts(world: World, count: number): Promise<"tried"> {
  for (let attempt = 0; attempt < count; attempt += 1)
    await nextEvent(world.simulator.events, "loginRefused");
  return "tried";
}

describe("A request to a device that reconnects", () => {
  let world: World;
  let device: string;
  const look = (signal?: AbortSignal) =>
    world.call(`/contacts/profile-picture?number=${ana}`, signal ? { signal } : {});
  beforeAll(async () => {
    world = await worldOfPictures({
      ...soon,
      WUTS_RECONNECT_WAIT_MS: aMinute,
      WUTS_WHATSAPP_TIMEOUT_MS: "8000",
      WUTS_DEVICE_CONCURRENCY: "12",
      WUTS_DEVICE_QUEUE: "0",
    });
    device = textAt(dataOf(await world.call("/status")), "device_id");
    await until("the phone's key to the app state", async () => {
      const { status } = await post("/appstate/sync");
      return { found: status === 200 || undefined, seen: status };
    });
  });
  beforeEach(async () => {
    dataOf(await world.call("/connect", { method: "POST" }));
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const post = (path: string, body: unknown = {}) => world.call(path, { method: "POST", body });
  const askings: Record<string, () => Promise<Answer>> = {
    "GET /contacts/profile-picture": look,
    "GET /contacts/profile-picture/image": () => world.call(`/contacts/profile-picture/image?number=${ana}`),
    "POST /contacts/profile-pictures": () => post("/contacts/profile-pictures", { numbers: [ana] }),
    "GET /contacts/profile": () => world.call(`/contacts/profile?number=${ana}`),
    "POST /contacts/check": () => post("/contacts/check", { numbers: [ana] }),
    "POST /contacts/resolve": () => post("/contacts/resolve", { inputs: [ana] }),
    "GET /contacts/blocklist": () => world.call("/contacts/blocklist"),
    "POST /contacts/block": () => post(`/contacts/block?number=${ana}`),
    "POST /contacts/unblock": () => post(`/contacts/unblock?number=${ana}`),
    "POST /appstate/sync": () => post("/appstate/sync"),
    "DELETE /profile/picture": () => world.call("/profile/picture", { method: "DELETE" }),
    "DELETE /groups/{jid}/picture": () => world.call(`/groups/${group}/picture`, { method: "DELETE" }),
  };

  it("waits and is answered when the connection is back, whatever it asks", async () => {
    const undo = await lose(world);
    const answering = Object.entries(askings).map(async ([what, ask]) => [what, (await ask()).status]);
    assert.equal(await Promise.race([attempts(world, 5), ...answering]), "tried");
    undo();
    assert.deepEqual(
      await Promise.all(answering),
      Object.keys(askings).map((what) => [what, 200]),
    );
  });

  it("does not wait when it needs no connection", async () => {
    await lose(world);
    for (const path of ["/status", "/qr/status", "/contacts", "/devices", `/devices/${device}`])
      dataOf(await world.call(path));
    dataOf(await world.call(`/devices/${device}`, { method: "PATCH", body: { name: "New" } }));
    assert.match(textAt(dataOf(await world.call("/status")), "state"), /connecting$/);
  });

  it("is answered DEVICE_BUSY when as many wait as the device can be asked, until one has gone away", async () => {
    const undo = await lose(world);
    const leaving = new AbortController();
    const gone = assert.rejects(look(leaving.signal));
    const waiting = Array.from({ length: 11 }, () => look());
    await attempts(world, 5);
    assertRefused(await look(), 503, "DEVICE_BUSY");
    leaving.abort();
    await gone;
    const further = await until("room for one more", async () => {
      const answering = look();
      const seen = await Promise.race([attempts(world, 3), answering]);
      return { found: seen === "tried" ? { answering } : undefined, seen };
    });
    undo();
    for (const answer of await Promise.all([...waiting, further.answering])) dataOf(answer);
  });

  it("is answered at once when the device comes to rest", async () => {
    await lose(world);
    const answering = look();
    await attempts(world, 3);
    world.simulator.faults.refuseLogin(403, owner);
    const answer = await answering;
    assertRefused(answer, 503, "DEVICE_NOT_READY");
    assertRetryAfter(answer, 60, 60);
    assert.match(textAt(answer.body, "error"), /\(banned\); POST \/connect/);
  });

  it("is answered at once when the device is disconnected", async () => {
    await lose(world);
    const answering = look();
    await attempts(world, 3);
    dataOf(await world.call("/disconnect", { method: "POST" }));
    assertRefused(await answering, 503, "DEVICE_NOT_READY");
  });

  it("waits after a restart, too, until the device is restored", async () => {
    await world.restartServer();
    dataOf(await look());
  });

  it("is answered at once when the server stops, which does not wait for it", async () => {
    await lose(world);
    const answering = look();
    await attempts(world, 3);
    const stopping = world.stopServer();
    assertRefused(await answering, 503, "DEVICE_NOT_READY");
    await stopping;
    world.simulator.faults.reset();
    await world.restartServer();
  });

  it("is answered at once when the device is deleted", async () => {
    await lose(world);
    const answering = look();
    await attempts(world, 3);
    dataOf(await world.call(`/devices/${device}`, { method: "DELETE" }));
    assertRefused(await answering, 503, "DEVICE_NOT_READY");
  });
});

describe("A request to a device that does not come back in time", () => {
  const begin = async (limitMs: string) => {
    const world = await startWorld({ ...soon, WUTS_RECONNECT_WAIT_MS: limitMs });
    world.simulator.addAccount({ phone: owner });
    await world.pairedDevice(owner);
    await lose(world);
    const startedAt = performance.now();
    const answer = await world.call(`/contacts/profile-picture?number=${ana}`);
    await world.stop();
    return { answer, tookMs: performance.now() - startedAt };
  };

  it("is answered DEVICE_NOT_READY when it has waited for as long as it may", async () => {
    const { answer, tookMs } = await begin("700");
    assertRefused(answer, 503, "DEVICE_NOT_READY");
    assertRetryAfter(answer, 1, 1);
    assert.ok(tookMs >= 690, `${tookMs} ms`);
  });

  it("is answered at once when it may not wait", async () => {
    const { answer, tookMs } = await begin("0");
    assertRefused(answer, 503, "DEVICE_NOT_READY");
    assert.ok(tookMs < 4_000, `${tookMs} ms`);
  });

  it("is answered at once when the next attempt is known to come later", async (t) => {
    const world = await worldOfPictures({ WUTS_RECONNECT_WAIT_MS: "30000" });
    t.onTestFinished(() => world.stop());
    // The first attempt after "restart required" comes at once, and fails while the request waits.
    world.simulator.faults.refuseLogin(503, owner);
    const undo = world.simulator.faults.latency(1_500);
    world.simulator.faults.close(owner, "restart-required");
    await until("another state", async () => {
      const state = at(dataOf(await world.call("/status")), "state");
      return { found: state === "connecting" || undefined, seen: state };
    });
    const startedAt = performance.now();
    const answer = await world.call(`/contacts/profile-picture?number=${ana}`);
    undo();
    assertRefused(answer, 503, "DEVICE_NOT_READY");
    assertRetryAfter(answer, 31, 60);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 20_000, `${tookMs} ms`);
  });
});

describe("POST /contacts/profile-pictures when the connection is lost under it", () => {
  // Batch requests may use half of a device's concurrent work.
  const eightAtOnce = { ...soon, WUTS_DEVICE_CONCURRENCY: "16" };
  const lookUp = async (world: World, count: number, then: () => void) => {
    let asked = 0;
    const drop = (event: { stanza: { attrs: Record<string, string> } }) => {
      if (!isPictureQuery(event) || ++asked !== 20) return;
      then();
      world.simulator.faults.close(owner, "tcp-drop");
    };
    world.simulator.events.on("stanza", drop);
    const body = { numbers: crowdOf(world, count) };
    const answer = dataOf(await world.call("/contacts/profile-pictures", { method: "POST", body }));
    return listAt(answer, "items").map((item) => at(item, "error_code"));
  };

  it("goes on when it is back: only what was under way is answered DEVICE_NOT_READY", async (t) => {
    const world = await worldOfPictures(eightAtOnce);
    t.onTestFinished(() => world.stop());
    const codes = await lookUp(world, 60, () => undefined);
    const lost = codes.filter((code) => code !== null);
    assert.ok(lost.length >= 1 && lost.length <= 8, `${lost}`);
    assert.deepEqual([...new Set(lost)], ["DEVICE_NOT_READY"]);
    assert.equal(codes.at(-1), null);
  });

  it("answers DEVICE_BUSY for the others when it is not back in time", async (t) => {
    const world = await worldOfPictures({
      ...eightAtOnce,
      WUTS_RECONNECT_WAIT_MS: aMinute,
      WUTS_PICTURES_TIMEOUT_MS: "1500",
    });
    t.onTestFinished(() => world.stop());
    const codes = await lookUp(world, 60, () => world.simulator.faults.refuseLogin(503, owner));
    assert.ok(codes.filter((code) => code === "DEVICE_NOT_READY").length <= 8, `${codes}`);
    assert.equal(codes.at(-1), "DEVICE_BUSY");
  });
});
