import assert from "node:assert/strict";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { describe, it, type TestContext } from "vitest";
import { assertRefused, assertRetryAfter, dataOf, textAt } from "../../test-support/call.ts";
import { samplesOf } from "../../test-support/processes/samples.ts";
import { answerIn, openRawSocket } from "../../test-support/raw-socket.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

/** The largest body, with a picture of the largest size. */
const largest = 41_024;

/** A tenant may have two of the largest bodies under way, all together three. */
async function worldOfBodies(t: TestContext): Promise<World> {
  const world = await startWorld({
    WUTS_BODY_LIMIT_BYTES: "1024",
    WUTS_PICTURE_LIMIT_BYTES: "30000",
    WUTS_MAX_BODY_BYTES: `${3 * largest}`,
    WUTS_MAX_BODY_BYTES_TENANT: `${2 * largest}`,
  });
  t.onTestFinished(() => world.stop());
  return world;
}

/** Begins to send a picture. @returns how to go on with it */
async function beginPicture(world: World, token: string, framing: string, device = "") {
  const { socket, closed } = await openRawSocket(world.url);
  const headers = [
    `POST /profile/picture${device && `?device_id=${device}`} HTTP/1.1`,
    "Host: wuts",
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    framing,
  ];
  socket.write(`${headers.join("\r\n")}\r\n\r\n`);
  return { socket, closed };
}

const requests = 'wuts_http_under_way{what="requests"}';
const bodyBytes = 'wuts_http_under_way{what="body_bytes"}';

/** Waits until so much is held. */
async function untilHeld(world: World, what: typeof requests | typeof bodyBytes, amount: number) {
  await until(`${amount} of ${what}`, async () => {
    const seen = (await samplesOf(world)).get(what);
    return { found: seen === amount || undefined, seen };
  });
}

function createDevice(world: World, token = world.token) {
  return world.call("/devices", { method: "POST", body: { name: "Small" }, token });
}

describe("Bodies under way", () => {
  for (const [what, framing, bytes] of [
    ["that are declared", `Content-Length: ${largest}`, ""],
    [
      "that come in chunks",
      "Transfer-Encoding: chunked",
      `${largest.toString(16)}\r\n${" ".repeat(largest)}\r\n`,
    ],
  ] as const) {
    it(`${what} leave no room to their tenant, then to no tenant, until they are over`, async (t) => {
      const world = await worldOfBodies(t);
      const bia = await world.addPerson("user", await world.addTenant());
      const device = await world.createDevice();
      const own = [
        await beginPicture(world, world.token, framing, device),
        await beginPicture(world, world.token, framing, device),
      ];
      for (const { socket } of own) socket.write(bytes);
      await untilHeld(world, bodyBytes, 2 * largest);

      const refused = await createDevice(world);
      assertRefused(refused, 429, "RATE_LIMITED");
      assertRetryAfter(refused, 1, 1);
      dataOf(await world.call("/devices"));
      const theirDevice = textAt(dataOf(await createDevice(world, bia.token), 201), "id");
      const theirs = await beginPicture(world, bia.token, framing, theirDevice);
      theirs.socket.write(bytes);
      await untilHeld(world, bodyBytes, 3 * largest);
      const busy = await createDevice(world, bia.token);
      assertRefused(busy, 503, "SERVER_BUSY");
      assertRetryAfter(busy, 1, 1);

      for (const { socket } of [...own, theirs]) socket.destroy();
      await untilHeld(world, bodyBytes, 0);
      dataOf(await createDevice(world), 201);
    });
  }

  it("that are large are not begun for a caller without a device, or without the one of this id", async (t) => {
    const world = await worldOfBodies(t);
    const { socket, closed } = await beginPicture(world, world.token, `Content-Length: ${largest}`);
    await once(socket, "data");
    socket.destroy();
    assertRefused(answerIn(await closed), 404, "DEVICE_NOT_FOUND");

    const unknown = crypto.randomUUID();
    const body = { image: "not a picture".repeat(2_000) };
    const path = `/profile/picture?device_id=${unknown}`;
    assertRefused(await world.call(path, { method: "POST", body }), 404, "DEVICE_NOT_FOUND");
    const noId = await world.call("/profile/picture?device_id=x", { method: "POST", body });
    assertRefused(noId, 400, "VALIDATION_ERROR");
    // Errors in a small body are reported first.
    const wrong = await world.call(path, { method: "POST", body: { image: 1 } });
    assertRefused(wrong, 400, "VALIDATION_ERROR");
  });
});

describe("Requests under way", () => {
  it("leave no room to their tenant, then to no tenant, but for what says how the server is", async (t) => {
    const world = await startWorld({ WUTS_MAX_REQUESTS: "3", WUTS_MAX_REQUESTS_TENANT: "2" });
    t.onTestFinished(() => world.stop());
    const bia = await world.addPerson("user", await world.addTenant());
    const begin = async (token: string) =>
      beginPicture(world, token, "Content-Length: 10", await world.createDevice("Own", token));
    const own = [await begin(world.token)];
    await untilHeld(world, requests, 1);
    own.push(await begin(world.token));
    await untilHeld(world, requests, 2);
    assertRefused(await createDevice(world), 429, "RATE_LIMITED");
    const theirs = await begin(bia.token);
    await untilHeld(world, requests, 3);
    const busy = await createDevice(world, bia.token);
    assertRefused(busy, 503, "SERVER_BUSY");
    assertRetryAfter(busy, 1, 1);
    for (const path of ["/health/live", "/health/ready", "/metrics", "/openapi.json"])
      assert.equal((await world.call(path, { token: null })).status, 200);

    for (const { socket } of [...own, theirs]) socket.destroy();
    await untilHeld(world, requests, 0);
    dataOf(await createDevice(world), 201);
  });

  it("hold nothing any more when their clients have gone, at whatever moment", async (t) => {
    const world = await worldOfBodies(t);
    const device = await world.createDevice();
    const bytes = " ".repeat(largest);
    for (let moment = 0; moment < 40; moment += 1) {
      const { socket } = await beginPicture(world, world.token, `Content-Length: ${largest}`, device);
      socket.write(moment % 2 === 0 ? bytes : "");
      for (let turn = 0; turn < moment; turn += 1) await setImmediate();
      socket.destroy();
    }
    await untilHeld(world, requests, 0);
    await untilHeld(world, bodyBytes, 0);
    dataOf(await createDevice(world), 201);
  });
});

describe("Sign-ins of which the body does not come", () => {
  /** Begins to send what is said to have so many bytes, and waits until the server has the headers. */
  async function beginSignIn(t: TestContext, world: World, bytes: number) {
    const { socket } = await openRawSocket(world.url);
    t.onTestFinished(() => void socket.destroy());
    const before = "GET /health/live HTTP/1.1\r\nHost: wuts\r\n\r\n";
    const headers = `POST /sign-in HTTP/1.1\r\nHost: wuts\r\nContent-Type: application/json\r\nContent-Length: ${bytes}`;
    socket.write(`${before}${headers}\r\n\r\n`);
    // Both came at once.
    await once(socket, "data");
  }

  const signIn = async (world: World) => {
    const { id } = await world.addPerson();
    const made = await world.call(`/users/${id}/sign-in-codes`, { method: "POST", body: { expires_in: 60 } });
    const body = { code: textAt(dataOf(made, 201), "code") };
    return world.call("/sign-in", { method: "POST", body, token: null });
  };

  it("take no request from those behind the same address, nor from anybody else", async (t) => {
    const world = await startWorld({ WUTS_MAX_REQUESTS: "3", WUTS_MAX_REQUESTS_TENANT: "2" });
    t.onTestFinished(() => world.stop());
    for (let count = 0; count < 4; count += 1) await beginSignIn(t, world, 60);
    dataOf(await signIn(world), 201);
    dataOf(await createDevice(world), 201);
  });

  it("take next to nothing of the bytes of bodies", async (t) => {
    const world = await worldOfBodies(t);
    for (let count = 0; count < 200; count += 1) await beginSignIn(t, world, 1_000);
    dataOf(await signIn(world), 201);
    dataOf(await createDevice(world), 201);
  });
});
