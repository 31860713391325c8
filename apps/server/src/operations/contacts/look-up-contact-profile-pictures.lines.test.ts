import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, listAt } from "../../test-support/call.ts";
import { askForLines } from "../../test-support/lines.ts";
import { until } from "../../test-support/until.ts";
import type { World } from "../../test-support/world.ts";
import {
  ana,
  arrivals,
  crowdOf,
  group,
  hidden,
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
import { lookUpContactProfilePictures } from "./look-up-contact-profile-pictures.ts";

const path = "/contacts/profile-pictures";

const stream = (world: World, body: object) => askForLines(world, path, body);

/** The items of the lines, without the heartbeat lines. */
function itemsOf(lines: readonly unknown[]): unknown[] {
  return lines.map((line) => at(line, "data", "item")).filter((item) => item !== null);
}

const codesOf = (lines: readonly unknown[]) => itemsOf(lines).map((item) => at(item, "error_code"));

describe("POST /contacts/profile-pictures, line by line", () => {
  let world: World;
  beforeAll(async () => {
    world = await worldOfPictures();
  });
  beforeEach(async () => {
    dataOf(await world.call("/connect", { method: "POST" }));
    await world.write("delete from registrations");
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  describe("200", () => {
    it("tells of each what the answer in one piece does, and how far it is", async () => {
      const body = {
        jids: [group, jidOf(hidden)],
        numbers: [silent, unregistered, `+${ana}`, withoutPicture, malformed, withNinth],
      };
      const lines = await (await stream(world, body)).rest();
      assert.deepEqual(
        lines.map((line) => at(line, "data", "done")),
        [1, 2, 3, 4, 5, 6, 7, 8],
      );
      assert.deepEqual([...new Set(lines.map((line) => at(line, "data", "total")))], [8]);
      // WhatsApp does not reply for this item: the others did not wait for it.
      assert.equal(at(itemsOf(lines).at(-1), "input"), silent);
      const inOnePiece = listAt(dataOf(await world.call(path, { method: "POST", body })), "items");
      assert.deepEqual(byInput(itemsOf(lines)), byInput(inOnePiece));
    });

    it("tells of who is named several times under each name, and asks once", async (t) => {
      const seen = arrivals(world, t);
      const lines = await (await stream(world, { jids: [jidOf(ana)], numbers: [ana, `00${ana}`] })).rest();
      assert.deepEqual(
        itemsOf(lines).map((item) => [at(item, "input"), at(item, "picture", "jid")]),
        [jidOf(ana), ana, `00${ana}`].map((input) => [input, jidOf(ana)]),
      );
      assert.equal(seen.length, 1);
    });

    it("tells DEVICE_NOT_READY of those that are left when the connection ends", async () => {
      const lines = await stream(world, { numbers: crowdOf(world, 60) });
      const first = await lines.next();
      assert.equal(at(first, "data", "item", "error_code"), null);
      world.simulator.faults.close(owner, "tcp-drop");
      const left = await lines.rest();
      assert.equal(left.length, 59);
      assert.equal(codesOf(left).at(-1), "DEVICE_NOT_READY");
      assert.deepEqual([...new Set(codesOf([first, ...left]))], [null, "DEVICE_NOT_READY"]);
    });

    it("tells the others after a pause when WhatsApp says slow down", async () => {
      const lines = await (await stream(world, { numbers: [limited, ...crowdOf(world, 20)] })).rest();
      assert.deepEqual(codesOf(lines).sort(), ["WHATSAPP_RATE_LIMITED", ...Array(20).fill(null)].sort());
    });
  });

  it("400, 401, 503: refuses as without lines", async () => {
    const headers = { accept: "application/x-ndjson" };
    const ask = (body: object, token: string | null = world.token) =>
      world.call(path, { method: "POST", body, headers, token });
    assertInvalid(await ask({ numbers: [] }), "numbers");
    assertRefused(await ask({ numbers: [ana] }, null), 401, "UNAUTHORIZED");
    await world.call("/disconnect", { method: "POST" });
    assertRefused(await ask({ numbers: [ana] }), 503, "DEVICE_NOT_READY");
  });
});

describe("POST /contacts/profile-pictures, line by line, slowly", () => {
  it("200: waits for every turn, however long the answer in one piece may take", async (t) => {
    const world = await worldOfPictures({
      WUTS_PICTURE_PACE_PER_MINUTE: "1200",
      WUTS_PICTURES_TIMEOUT_MS: "100",
    });
    t.onTestFinished(() => world.stop());
    const lines = await (await stream(world, { numbers: crowdOf(world, 10) })).rest();
    assert.deepEqual(codesOf(lines), Array(10).fill(null));
  });

  it("200: says now and then that the work goes on", async (t) => {
    const world = await worldOfPictures({ WUTS_STREAM_HEARTBEAT_MS: "20" });
    t.onTestFinished(() => world.stop());
    const lines = await (await stream(world, { numbers: [silent] })).rest();
    const last = lines.pop();
    assert.partialDeepStrictEqual(last, { data: { done: 1, total: 1, item: { input: silent } } });
    assert.ok(lines.length > 0);
    for (const line of lines)
      assert.deepEqual(line, { success: true, data: { done: 0, total: 1, item: null } });
  });

  it("asks nothing more when the answer has ended with an error", async (t) => {
    const world = await worldOfPictures(
      { WUTS_PICTURE_PACE_PER_MINUTE: "1200" },
      {
        handlers: {
          async lookUpContactProfilePictures(input, services) {
            const answer = await lookUpContactProfilePictures(input, services);
            return "lines" in answer ? { ...answer, lines: failingSecond(answer.lines) } : answer;
          },
        },
      },
    );
    t.onTestFinished(() => world.stop());
    const seen = arrivals(world, t);
    const left = crowdOf(world, 12);
    const lines = await (await stream(world, { numbers: left })).rest();
    assert.deepEqual([lines.length, at(lines[1], "success")], [2, false]);
    // What waits longest for its turn would have had it before the last of these.
    dataOf(await world.call(path, { method: "POST", body: { numbers: crowdOf(world, 12) } }));
    const asked = seen.filter(({ target }) => left.map(jidOf).includes(String(target)));
    assert.ok(asked.length < 6, `${asked.length} were asked for`);
  });

  it("asks nothing more when the caller has closed the connection, and has room again", async (t) => {
    const world = await worldOfPictures({
      WUTS_PICTURE_PACE_PER_MINUTE: "1",
      WUTS_STREAM_HEARTBEAT_MS: "20",
    });
    t.onTestFinished(() => world.stop());
    const seen = arrivals(world, t);
    const batches = [];
    for (let batch = 0; batch < 5; batch += 1)
      batches.push(await stream(world, { numbers: crowdOf(world, 200) }));
    const more = () => world.call(path, { method: "POST", body: { numbers: [ana, silent] }, headers });
    const headers = { accept: "application/x-ndjson" };
    assertRefused(await more(), 503, "DEVICE_BUSY");
    for (const { close } of batches) close();
    await until("room", async () => {
      const waiting = stream(world, { numbers: [ana] });
      const found = await waiting.then(
        ({ close }) => [close()],
        () => undefined,
      );
      return { found, seen: "DEVICE_BUSY" };
    });
    // The first of all had its turn at once, and the next has it in a minute.
    assert.equal(seen.length, 1);
  });
});

async function* failingSecond<Line>(lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  let count = 0;
  for await (const line of lines) {
    count += 1;
    if (count === 2) throw new Error("a bug");
    yield line;
  }
}

function byInput(items: readonly unknown[]): Map<unknown, unknown> {
  return new Map(items.map((item) => [at(item, "input"), withoutUrl(item)]));
}

/** Removes the URL of a picture, which is different each time. */
function withoutUrl(item: unknown): unknown {
  return JSON.parse(JSON.stringify(item), (name, value) =>
    ["url", "direct_path", "expires_at"].includes(name) ? undefined : value,
  );
}
