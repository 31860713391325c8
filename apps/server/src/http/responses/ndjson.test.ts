import assert from "node:assert/strict";
import type { PictureLookUpProgress } from "@wuts/contract";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import type { Overrides } from "../../app/compose.ts";
import { Failure } from "../../kernel/failures.ts";
import { assertRefused, at, dataOf } from "../../test-support/call.ts";
import { captureLog } from "../../test-support/captured-log.ts";
import { askForLines } from "../../test-support/lines.ts";
import { openRawSocket } from "../../test-support/raw-socket.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const path = "/contacts/profile-pictures";
const body = { numbers: ["5511999999999"] };

type Lines = () => AsyncGenerator<PictureLookUpProgress>;

function handlersOf(lines: Lines): NonNullable<Overrides["handlers"]> {
  return {
    lookUpContactProfilePictures: async ({ acceptsNdjson: wantsLines }) =>
      wantsLines ? { status: 200, lines: lines() } : { status: 200, data: { items: [] } },
  };
}

/** A server that responds with these lines to clients that accept NDJSON, and the lines of its log. */
async function answering(t: TestContext, lines: Lines, settings: Record<string, string> = {}) {
  const { log, logged } = captureLog();
  const world = await startWorld(settings, {
    overrides: {
      log,
      handlers: handlersOf(lines),
    },
  });
  t.onTestFinished(() => world.stop());
  return { world, logged };
}

const line = (done: number): PictureLookUpProgress => ({ done, total: 3, item: null });
const success = (done: number) => ({ success: true, data: line(done) });

async function* two(): AsyncGenerator<PictureLookUpProgress> {
  yield line(0);
  yield line(1);
}

describe("Accept", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({}, { overrides: { handlers: handlersOf(two) } });
  });
  afterAll(() => world.stop());

  for (const accept of ["application/x-ndjson", "text/html, application/x-ndjson;q=0.1"]) {
    it(`gets lines, each in the envelope, for ${accept}`, async () => {
      const answer = await world.call(path, { method: "POST", body, headers: { accept } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("content-type"), "application/x-ndjson");
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(answer.body, `${JSON.stringify(success(0))}\n${JSON.stringify(success(1))}\n`);
    });
  }

  for (const accept of ["*/*", "application/*", "application/json, application/x-ndjson", "text/html", "x"]) {
    it(`gets one piece for ${accept}`, async () => {
      const answer = await world.call(path, { method: "POST", body, headers: { accept } });
      assert.deepEqual(dataOf(answer), { items: [] });
    });
  }

  it("is not looked at where there are no lines to have", async () => {
    dataOf(await world.call("/devices", { headers: { accept: "application/x-ndjson" } }));
  });
});

describe("Lines", () => {
  it("are sent as they come", async (t) => {
    const goOn = Promise.withResolvers<void>();
    const { world } = await answering(t, async function* () {
      yield line(0);
      await goOn.promise;
      yield line(1);
    });
    const lines = await askForLines(world, path, body);
    assert.deepEqual(await lines.next(), success(0));
    goOn.resolve();
    assert.deepEqual(await lines.rest(), [success(1)]);
  });

  it("have the status of what fails before the first", async (t) => {
    const { world } = await answering(t, async function* () {
      yield await Promise.reject(new Failure("DeviceBusy"));
    });
    const headers = { accept: "application/x-ndjson" };
    const answer = await world.call(path, { method: "POST", body, headers });
    assertRefused(answer, 503, "DEVICE_BUSY");
    assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
    assert.equal(answer.headers.get("retry-after"), "1");
  });

  for (const [what, error, reported] of [
    ["a bug", new TypeError("swordfish"), []],
    ["a failure", new Failure("DeviceBusy", { message: "swordfish" }), [{ reason: "DEVICE_BUSY as a line" }]],
  ] as const) {
    it(`end with an error that tells nothing of ${what} that comes later`, async (t) => {
      const { world, logged } = await answering(t, async function* () {
        yield line(0);
        throw error;
      });
      const lines = await askForLines(world, path, body);
      const requestId = lines.response.headers.get("x-request-id");
      const [first, last] = await lines.rest();
      assert.deepEqual(first, success(0));
      assert.partialDeepStrictEqual(last, {
        success: false,
        error: "internal error",
        error_code: "INTERNAL_ERROR",
        request_id: requestId,
      });
      assert.equal(logged("a bug: answered as internal error").length, 1);
      assert.partialDeepStrictEqual(logged("an answer breaks the contract"), reported);
      assert.partialDeepStrictEqual(logged("request").at(-1), { status: 200, error_code: "INTERNAL_ERROR" });
    });
  }

  const leaking: Lines = async function* () {
    yield line(0);
    yield Object.assign(line(1), { password: "swordfish" });
    yield line(2);
  };

  it("that break the contract are not sent with WUTS_RESPONSE_VIOLATIONS=fail", async (t) => {
    const { world, logged } = await answering(t, leaking);
    const lines = await (await askForLines(world, path, body)).rest();
    assert.equal(lines.length, 2);
    assert.partialDeepStrictEqual(lines[1], { success: false, error_code: "INTERNAL_ERROR" });
    assert.partialDeepStrictEqual(logged("an answer breaks the contract"), [
      { operation: "lookUpContactProfilePictures", violations: 1 },
    ]);
    assert.match(String(at(logged("an answer breaks the contract")[0], "reason")), /^a line: .*additional/);
  });

  it("that break the contract are sent and counted with WUTS_RESPONSE_VIOLATIONS=log", async (t) => {
    const { world, logged } = await answering(t, leaking, { WUTS_RESPONSE_VIOLATIONS: "log" });
    const lines = await (await askForLines(world, path, body)).rest();
    assert.equal(at(lines[1], "data", "password"), "swordfish");
    assert.equal(lines.length, 3);
    assert.equal(logged("an answer breaks the contract").length, 1);
  });

  it("are got no more when the connection is closed", async (t) => {
    const ended = Promise.withResolvers<void>();
    const { world } = await answering(t, async function* () {
      try {
        for (;;) {
          yield line(0);
          await new Promise(setImmediate);
        }
      } finally {
        ended.resolve();
      }
    });
    const lines = await askForLines(world, path, body);
    await lines.next();
    lines.close();
    await ended.promise;
  });

  it("are got no more when no client reads them, and the connection is cut", async (t) => {
    const ended = Promise.withResolvers<void>();
    const large = {
      input: "",
      picture: null,
      error_code: "PICTURE_NOT_SET",
      error: "x".repeat(100_000),
    } as const;
    const { world, logged } = await answering(
      t,
      async function* () {
        try {
          for (;;) yield { ...line(0), item: large };
        } finally {
          ended.resolve();
        }
      },
      { WUTS_HEADERS_TIMEOUT_MS: "100", WUTS_REQUEST_TIMEOUT_MS: "100" },
    );
    const client = await openRawSocket(world.url);
    client.socket.pause();
    const sent = JSON.stringify(body);
    client.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.token}\r\nAccept: application/x-ndjson\r\nContent-Type: application/json\r\nContent-Length: ${sent.length}\r\n\r\n${sent}`,
    );
    await ended.promise;
    assert.partialDeepStrictEqual(logged("request").at(-1), { status: 200, aborted: true });
    // Whatever else is said of it is said by the time that this is answered.
    dataOf(await world.call("/health/live"));
    assert.deepEqual(logged("a bug: answered as internal error"), []);
    client.socket.destroy();
  });

  it("may be further apart than a client may be silent", async (t) => {
    const cut = Promise.withResolvers<void>();
    const settings = { WUTS_HEADERS_TIMEOUT_MS: "100", WUTS_REQUEST_TIMEOUT_MS: "100" };
    const { world } = await answering(
      t,
      async function* () {
        yield line(0);
        await cut.promise;
        yield line(1);
      },
      settings,
    );
    const lines = await askForLines(world, path, body);
    await lines.next();
    // By the time that these are cut off for their silence, so would be the other if it ever was.
    for (let round = 0; round < 3; round += 1) {
      const silent = await openRawSocket(world.url);
      silent.socket.write("GET /dev");
      await silent.closed;
    }
    cut.resolve();
    assert.deepEqual(await lines.rest(), [success(1)]);
  });
});
