import assert from "node:assert/strict";
import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, it } from "vitest";
import { type Answer, assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const group = "120363039000000000@g.us";
const community = "120363040000000000@g.us";

describe("GET /contacts/profile-picture/image", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    world = await startWorld({ WUTS_PICTURE_MAX_BYTES: "100000", WUTS_WHATSAPP_TIMEOUT_MS: "3000" });
    const { simulator } = world;
    simulator.addAccount({ phone: owner });
    simulator.addAccount({ phone: ana });
    simulator.addGroup({ jid: group, subject: "Group", picture: { id: "1700000039" } });
    simulator.addGroup({
      jid: community,
      subject: "Community",
      picture: { id: "1700000040" },
      community: true,
    });
    device = await world.pairedDevice(owner);
  });
  let last = 1_700_000_000;
  /** Of Ana, another one in each test. */
  let id = "";
  beforeEach(() => {
    last += 1;
    id = `${last}`;
    world.simulator.faults.reset();
    world.simulator.account(ana).setPictureBehaviour("visible");
    world.simulator.account(ana).setPicture({ id });
    world.simulator.cdn.requests.reset();
    world.simulator.received.reset();
  });
  afterAll(() => world.stop());

  const get = (query = `number=${ana}`, headers: Record<string, string> = {}) =>
    getImage(world, query, headers);
  const fromCdn = async (query = `number=${ana}`) => {
    const found = dataOf(await world.call(`/contacts/profile-picture?${query}`));
    const response = await fetch(textAt(found, "url"));
    return Buffer.from(await response.arrayBuffer());
  };
  const kept = async () => (await readdir(join(world.dataDir, "pictures"))).sort();

  describe("200", () => {
    for (const [preview, type] of [
      ["", "preview"],
      ["&preview=1", "preview"],
      ["&preview=false", "image"],
    ] as const) {
      it(`answers the bytes of the ${type} for "${preview}"`, async () => {
        const query = `number=${ana}${preview}`;
        const wanted = await fromCdn(query);
        const { status, headers, bytes } = await get(query);
        assert.equal(status, 200);
        assert.deepEqual(bytes, wanted);
        assert.deepEqual(
          ["content-type", "etag", "cache-control", "accept-ranges", "content-length"].map((name) =>
            headers.get(name),
          ),
          ["image/jpeg", `"${id}"`, "private, no-cache", "bytes", `${wanted.length}`],
        );
        assert.equal(headers.get("x-content-type-options"), "nosniff");
      });
    }

    for (const jid of [group, community]) {
      it(`answers the picture of ${jid}`, async () => {
        const { status, bytes } = await get(`jid=${jid}`);
        assert.equal(status, 200);
        assert.deepEqual(bytes, await fromCdn(`jid=${jid}`));
      });
    }

    it("asks the CDN once while the picture stays the same, also after a restart", async () => {
      const first = await get();
      await world.restartServer();
      await world.untilState(device, "connected");
      // Its address does not work any more, either.
      world.simulator.cdn.remove(id);
      world.simulator.faults.cdn.refuse(403);
      const second = await get();
      assert.equal(second.status, 200);
      assert.deepEqual(second.bytes, first.bytes);
      assert.equal(world.simulator.cdn.requests.total, 1);
    });

    it("asks the CDN again when it is another picture", async () => {
      const first = await get();
      world.simulator.account(ana).setPicture({ id: `${id}7` });
      const second = await get();
      assert.notDeepEqual(second.bytes, first.bytes);
      assert.equal(second.headers.get("etag"), `"${id}7"`);
    });

    it("fetches again what is broken on the disk", async () => {
      const { bytes } = await get();
      for (const name of await kept()) await truncate(join(world.dataDir, "pictures", name), 3);
      assert.deepEqual((await get()).bytes, bytes);
    });

    it("shares no picture between accounts: an account that WhatsApp has not shown one to cannot tell that it is kept", async () => {
      const other = "5511911111111";
      world.simulator.addAccount({ phone: other });
      const token = await world.addUser();
      await world.pairedDevice(other, token);
      await get();
      const asked = world.simulator.cdn.requests.total;
      const headers = { authorization: `Bearer ${token}` };
      assert.equal((await get(undefined, headers)).status, 200);
      assert.equal(world.simulator.cdn.requests.total, asked + 1);
      world.simulator.account(ana).setPictureBehaviour("hidden");
      assertRefused((await get(undefined, headers)).answer, 404, "PICTURE_HIDDEN");
    });

    it("ignores what is for changes, and ranges that are none", async () => {
      for (const headers of [
        { "If-Match": '"x"' },
        { "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" },
        { Range: "lines=1-2" },
        { Range: "bytes=0-1,4-5" },
        { Range: "bytes=0-1", "If-Range": '"x"' },
      ] satisfies Record<string, string>[]) {
        assert.equal((await get(undefined, headers)).status, 200, JSON.stringify(headers));
      }
    });

    it("keeps files for their owner only, named by what is in them", async () => {
      await get();
      const folder = join(world.dataDir, "pictures");
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      const names = await kept();
      assert.ok(names.length > 0);
      for (const name of names) {
        assert.match(name, /^[0-9a-f]{64}$/);
        assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
      }
    });
  });

  describe("206", () => {
    it("answers the range that was asked for", async () => {
      const whole = (await get()).bytes;
      for (const [range, part, said] of [
        ["bytes=0-3", whole.subarray(0, 4), `bytes 0-3/${whole.length}`],
        ["bytes=-2", whole.subarray(-2), `bytes ${whole.length - 2}-${whole.length - 1}/${whole.length}`],
        ["bytes=5-", whole.subarray(5), `bytes 5-${whole.length - 1}/${whole.length}`],
      ] as const) {
        const { status, bytes, headers } = await get(undefined, { Range: range });
        assert.equal(status, 206, range);
        assert.deepEqual(bytes, part);
        assert.deepEqual([headers.get("content-range"), headers.get("etag")], [said, `"${id}"`]);
      }
      assert.equal((await get(undefined, { Range: "bytes=0-3", "If-Range": `"${id}"` })).status, 206);
    });
  });

  describe("304", () => {
    for (const etag of [(own: string) => own, (own: string) => `"x", W/${own}`, () => "*"]) {
      it(`answers no bytes, and does not ask the CDN, for ${etag('"1"')}`, async () => {
        const { status, bytes, headers } = await get(undefined, { "If-None-Match": etag(`"${id}"`) });
        assert.deepEqual([status, bytes.length], [304, 0]);
        assert.deepEqual(
          [headers.get("etag"), headers.get("cache-control")],
          [`"${id}"`, "private, no-cache"],
        );
        assert.equal(world.simulator.cdn.requests.total, 0);
      });
    }

    it("takes the id that GET /contacts/profile-picture tells, in both sizes", async () => {
      for (const query of [`number=${ana}`, `number=${ana}&preview=false`]) {
        const reported = textAt(dataOf(await world.call(`/contacts/profile-picture?${query}`)), "picture_id");
        assert.equal((await get(query, { "If-None-Match": `"${reported}"` })).status, 304);
      }
    });

    it("does not take another picture for the same", async () => {
      assert.equal((await get(undefined, { "If-None-Match": `"${id}7"` })).status, 200);
    });
  });

  describe("416", () => {
    it("says how many bytes there are", async () => {
      const { bytes } = await get();
      const { answer, headers } = await get(undefined, { Range: "bytes=1000000-" });
      assertRefused(answer, 416, "RANGE_NOT_SATISFIABLE");
      assert.deepEqual(
        ["content-range", "etag", "accept-ranges", "cache-control", "content-type"].map((name) =>
          headers.get(name),
        ),
        [`bytes */${bytes.length}`, null, null, "no-store", "application/json; charset=utf-8"],
      );
    });
  });

  describe("400, 401, 404, 409, 503", () => {
    it("refuses as GET /contacts/profile-picture does", async () => {
      assertInvalid((await get("")).answer, "jid", "number");
      assertInvalid((await get(`number=${ana}&existing_id=1`)).answer, "existing_id");
      assertRefused((await get(undefined, { authorization: "" })).answer, 401, "UNAUTHORIZED");
      assertRefused((await get("number=5511444444444")).answer, 404, "NOT_ON_WHATSAPP");
      world.simulator.account(ana).setPictureBehaviour("hidden");
      assertRefused((await get()).answer, 404, "PICTURE_HIDDEN");
      const unpaired = await world.createDevice();
      assertRefused((await get(`number=${ana}&device_id=${unpaired}`)).answer, 409, "DEVICE_NOT_PAIRED");
      await world.call(`/devices/${unpaired}`, { method: "DELETE" });
      await world.call(`/disconnect?device_id=${device}`, { method: "POST" });
      assertRefused((await get()).answer, 503, "DEVICE_NOT_READY");
      await world.call(`/connect?device_id=${device}`, { method: "POST" });
    });
  });

  describe("429", () => {
    it("says WHATSAPP_RATE_LIMITED when the CDN does", async () => {
      world.simulator.faults.cdn.refuse(429);
      assertRefused((await get()).answer, 429, "WHATSAPP_RATE_LIMITED");
    });
  });

  describe("502 and 504, and then nothing is kept", () => {
    const failing: readonly [what: string, arrange: () => unknown, code?: "WHATSAPP_TIMEOUT"][] = [
      ["an address that has expired", () => setPicture({ urlLifetimeSeconds: 0 })],
      ["what is not there any more", () => world.simulator.faults.cdn.refuse(404)],
      ["another type", () => world.simulator.faults.cdn.contentType("text/html")],
      ["a PNG", () => world.simulator.faults.cdn.contentType("image/png")],
      ["a body that is cut in the middle", () => world.simulator.faults.cdn.cut(100)],
      ["a body that says it is too large", () => world.simulator.faults.cdn.oversize(100_001, true)],
      ["a body that turns out to be too large", () => world.simulator.faults.cdn.oversize(100_001, false)],
      ["a first byte that does not come", () => world.simulator.faults.cdn.slow(60_000), "WHATSAPP_TIMEOUT"],
      ["a body that stops in the middle", () => world.simulator.faults.cdn.stall(100), "WHATSAPP_TIMEOUT"],
    ];
    const setPicture = (more: object) => world.simulator.account(ana).setPicture({ id, ...more });

    for (const [what, arrange, code = "WHATSAPP_ERROR"] of failing) {
      it(`says ${code} for ${what}`, async () => {
        const before = await kept().catch(() => []);
        arrange();
        const { answer, headers } = await get();
        assertRefused(answer, code === "WHATSAPP_ERROR" ? 502 : 504, code);
        assert.deepEqual([headers.get("etag"), headers.get("cache-control")], [null, "no-store"]);
        assert.deepEqual(await kept().catch(() => []), before);
        world.simulator.faults.reset();
        world.simulator.account(ana).setPicture({ id });
        assert.equal((await get()).status, 200);
      });
    }

    it("follows no redirect, not even to the CDN itself", async () => {
      const real = textAt(dataOf(await world.call(`/contacts/profile-picture?number=${ana}`)), "url");
      world.simulator.faults.cdn.redirect(real, ({ headers }) => headers.accept === "image/jpeg");
      assertRefused((await get()).answer, 502, "WHATSAPP_ERROR");
      assert.equal(world.simulator.cdn.requests.total, 1);
    });

    it("takes a picture of just the largest size", async () => {
      world.simulator.faults.cdn.oversize(100_000, false);
      assert.equal((await get()).bytes.length, 100_000);
    });
  });

  it("forgets the pictures of an account that is logged out, and of a device that is deleted", async () => {
    for (const [path, method] of [
      ["/logout?device_id=", "POST"],
      ["/devices/", "DELETE"],
    ] as const) {
      const phone = `55119222222${method.length}`;
      world.simulator.addAccount({ phone });
      const before = await kept();
      const other = await world.pairedDevice(phone);
      assert.equal((await get(`number=${ana}&preview=0&device_id=${other}`)).status, 200);
      assert.equal((await kept()).length, before.length + 1);
      dataOf(await world.call(`${path}${other}`, { method }));
      assert.deepEqual(await kept(), before);
    }
  });
});

describe("GET /contacts/profile-picture/image, with room for few pictures", () => {
  for (const [room, left] of [
    ["0", []],
    ["5000", ["3", "4"]],
  ] as const) {
    it(`keeps ${left.length} in ${room} bytes`, async (t) => {
      const world = await startWorld({ WUTS_PICTURE_CACHE_BYTES: room });
      t.onTestFinished(() => world.stop());
      world.simulator.addAccount({ phone: owner });
      await world.pairedDevice(owner);
      for (const name of ["1", "2", "3", "4"]) {
        const image = jpeg(name);
        world.simulator.addAccount({ phone: `551198888888${name}`, picture: { id: name, image } });
      }
      for (const name of ["1", "2", "3"]) {
        const { status, bytes } = await getImage(world, `number=551198888888${name}&preview=0`);
        assert.equal(status, 200);
        assert.deepEqual(bytes, jpeg(name));
        // Used again, so that it is not the one that was not used longest.
        if (name === "2") await getImage(world, "number=5511988888881&preview=0");
      }
      await getImage(world, "number=5511988888883&preview=0");
      await getImage(world, "number=5511988888884&preview=0");
      assert.deepEqual(
        (await world.rows("select picture_id from kept_pictures order by 1")).map((row) =>
          at(row, "picture_id"),
        ),
        left,
      );
      // A file that is still being sent is deleted when the response has ended.
      await until(`${left.length} files`, async () => {
        const { length } = await readdir(join(world.dataDir, "pictures"));
        return { found: length === left.length ? true : undefined, seen: length };
      });
    });
  }
});

/** Bytes that begin as a JPEG does. */
function jpeg(filling: string): Buffer {
  return Buffer.concat([Buffer.from("ffd8ff", "hex"), Buffer.alloc(1_997, filling)]);
}

interface ImageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** For what is refused. */
  readonly answer: Answer;
}

async function getImage(
  { url, token }: World,
  query: string,
  headers: Record<string, string> = {},
): Promise<ImageAnswer> {
  const response = await fetch(`${url}/contacts/profile-picture/image?${query}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  const { status } = response;
  const body: unknown = isJson ? JSON.parse(bytes.toString()) : undefined;
  return { status, headers: response.headers, bytes, answer: { status, headers: response.headers, body } };
}
