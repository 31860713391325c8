import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { describe, it, type TestContext } from "vitest";
import { Clock } from "./clock.ts";
import { MediaServer } from "./media-server.ts";

async function mediaServer(t: TestContext, clock = new Clock()): Promise<MediaServer> {
  const media = new MediaServer(clock, 86_400);
  await media.start(0);
  t.onTestFinished(() => media.stop());
  return media;
}

const PNG = Buffer.from("89504e470d0a1a0a", "hex");

describe("the media server", () => {
  it("serves a drawn JPEG in both sizes, with the hash of the answer", async (t) => {
    const media = await mediaServer(t);
    for (const [size, pixels] of [
      ["image", 640],
      ["preview", 96],
    ] as const) {
      const { url, hash } = media.address({ id: "1700000000" }, size);
      const answer = await fetch(url);
      assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "image/jpeg"]);
      const body = Buffer.from(await answer.arrayBuffer());
      assert.equal(createHash("sha256").update(body).digest("base64"), hash);
      const frameHeader = body.indexOf(Buffer.from("ffc0", "hex"));
      assert.equal(body.readUInt16BE(frameHeader + 5), pixels);
    }
  });

  it("serves the bytes it was given, as what they are", async (t) => {
    const media = await mediaServer(t);
    const answer = await fetch(media.address({ id: "1", image: PNG }, "image").url);
    assert.equal(answer.headers.get("content-type"), "image/png");
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), PNG);
    const odd = await fetch(media.address({ id: "2", image: Buffer.from("?") }, "image").url);
    assert.equal(odd.headers.get("content-type"), "application/octet-stream");
  });

  it("answers HEAD with the headers alone", async (t) => {
    const media = await mediaServer(t);
    const answer = await fetch(media.address({ id: "1", image: PNG }, "image").url, { method: "HEAD" });
    assert.deepEqual([answer.status, answer.headers.get("content-length")], [200, "8"]);
    assert.equal(await answer.text(), "");
  });

  it("refuses an address that has expired, or was altered, with 403", async (t) => {
    const media = await mediaServer(t);
    const expired = media.address({ id: "1", urlLifetimeSeconds: 0 }, "image").url;
    assert.equal((await fetch(expired)).status, 403);
    assert.equal((await fetch(expired.replace(/oe=\w+/, "oe=ffffffff"))).status, 403);
    assert.equal((await fetch(expired.replace(/oe=\w+/, ""))).status, 403);
  });

  it("has the expiry in oe, 24 hours ahead by default", async (t) => {
    const media = await mediaServer(t);
    const expiry = (url: string) => Number.parseInt(new URL(url).searchParams.get("oe") ?? "", 16);
    const now = Math.floor(Date.now() / 1000);
    assert.ok(Math.abs(expiry(media.address({ id: "1" }, "image").url) - now - 86_400) <= 1);
    const short = media.address({ id: "1", urlLifetimeSeconds: 60 }, "image").url;
    assert.ok(Math.abs(expiry(short) - now - 60) <= 1);
  });

  it("knows nothing else: 404, and 405 for other methods", async (t) => {
    const media = await mediaServer(t);
    const { url } = media.address({ id: "1" }, "image");
    assert.equal((await fetch(url.replace("1_image", "2_image"))).status, 404);
    assert.equal((await fetch(`${media.origin}/`)).status, 404);
    assert.equal((await fetch(`${media.origin}/v/t61.24694-24/..%2f..%2fetc_image.jpg`)).status, 404);
    assert.equal((await fetch(url, { method: "POST", body: "x" })).status, 405);
  });
});

describe("an address", () => {
  it("works until the clock has passed its expiry", async (t) => {
    const clock = new Clock();
    const media = await mediaServer(t, clock);
    const { url } = media.address({ id: "1" }, "image");
    clock.advance(86_390);
    assert.equal((await fetch(url)).status, 200);
    clock.advance(20);
    assert.equal((await fetch(url)).status, 403);
    assert.equal((await fetch(media.address({ id: "1" }, "image").url)).status, 200);
  });

  it("answers 404 once the picture is removed, until it is named again", async (t) => {
    const media = await mediaServer(t);
    const { url } = media.address({ id: "1" }, "image");
    media.remove("1");
    assert.equal((await fetch(url)).status, 404);
    media.address({ id: "1" }, "image");
    assert.equal((await fetch(url)).status, 200);
  });

  it("can be an encrypted blob's, for as long as 64 MB together are kept", async (t) => {
    const media = await mediaServer(t);
    const first = media.origin + media.keep(Buffer.alloc(40 * 1024 * 1024, 1));
    const answer = await fetch(first);
    assert.deepEqual([answer.status, (await answer.arrayBuffer()).byteLength], [200, 40 * 1024 * 1024]);
    media.keep(Buffer.alloc(30 * 1024 * 1024, 2));
    assert.equal((await fetch(first)).status, 404);
  });
});

describe("a conditional or partial request", () => {
  it("gets a single range, and only of what is there", async (t) => {
    const media = await mediaServer(t);
    const { url } = media.address({ id: "1", image: PNG }, "image");
    for (const [range, status, expected, contentRange] of [
      ["bytes=0-3", 206, PNG.subarray(0, 4), "bytes 0-3/8"],
      ["bytes=4-", 206, PNG.subarray(4), "bytes 4-7/8"],
      ["bytes=-2", 206, PNG.subarray(6), "bytes 6-7/8"],
      ["bytes=2-99", 206, PNG.subarray(2), "bytes 2-7/8"],
      ["bytes=8-", 416, Buffer.from("Range not satisfiable"), "bytes */8"],
      ["bytes=0-1,3-4", 200, PNG, null],
      ["bytes=3-1", 200, PNG, null],
    ] as const) {
      const answer = await fetch(url, { headers: { range } });
      const body = Buffer.from(await answer.arrayBuffer());
      assert.deepEqual([answer.status, answer.headers.get("content-range")], [status, contentRange], range);
      assert.deepEqual(body, Buffer.from(expected), range);
      assert.equal(answer.headers.get("content-length"), String(expected.length));
    }
  });

  it("gets 304 for what it has, and a range only of what it has", async (t) => {
    const media = await mediaServer(t);
    const { url } = media.address({ id: "1", image: PNG }, "image");
    const { headers } = await fetch(url);
    const etag = headers.get("etag") ?? "";
    const modified = headers.get("last-modified") ?? "";
    const ask = async (wanted: Record<string, string>) => (await fetch(url, { headers: wanted })).status;
    assert.equal(await ask({ "if-none-match": etag }), 304);
    assert.equal(await ask({ "if-none-match": '"other"' }), 200);
    assert.equal(await ask({ "if-modified-since": modified }), 304);
    assert.equal(await ask({ "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" }), 200);
    assert.equal(await ask({ "if-range": etag, range: "bytes=0-1" }), 206);
    assert.equal(await ask({ "if-range": '"other"', range: "bytes=0-1" }), 200);
  });
});

describe("a fault of the media server", () => {
  it("is met by the requests it matches, until it is undone", async (t) => {
    const media = await mediaServer(t);
    const image = media.address({ id: "1", image: PNG }, "image").url;
    const preview = media.address({ id: "1", image: PNG }, "preview").url;
    const undo = media.faults.refuse(500, "image");
    media.faults.refuse(410, ({ id }) => id === "2");
    assert.deepEqual([(await fetch(image)).status, (await fetch(preview)).status], [500, 200]);
    assert.equal((await fetch(media.address({ id: "2" }, "preview").url)).status, 410);
    undo();
    assert.equal((await fetch(image)).status, 200);
  });

  it("redirects, and declares another type", async (t) => {
    const media = await mediaServer(t);
    const { url } = media.address({ id: "1", image: PNG }, "image");
    const undo = media.faults.redirect("http://127.0.0.1:1/elsewhere");
    const moved = await fetch(url, { redirect: "manual" });
    assert.deepEqual([moved.status, moved.headers.get("location")], [302, "http://127.0.0.1:1/elsewhere"]);
    undo();
    media.faults.contentType("text/html");
    assert.equal((await fetch(url)).headers.get("content-type"), "text/html");
  });

  it("sends more than there is, with and without saying so", async (t) => {
    const media = await mediaServer(t);
    const { url } = media.address({ id: "1", image: PNG }, "image");
    for (const declared of [true, false]) {
      const undo = media.faults.oversize(200_000, declared);
      const answer = await fetch(url);
      assert.equal(answer.headers.get("content-length"), declared ? "200000" : null);
      assert.equal((await answer.arrayBuffer()).byteLength, 200_000);
      undo();
    }
  });

  it("cuts in the middle, stalls, and is slow", async (t) => {
    const media = await mediaServer(t);
    const { url } = media.address({ id: "1", image: PNG }, "image");
    const undoCut = media.faults.cut(3);
    const cut = await fetch(url);
    assert.deepEqual([cut.status, cut.headers.get("content-length")], [200, "8"]);
    await assert.rejects(cut.arrayBuffer());
    undoCut();
    const undoStall = media.faults.stall(3);
    const { body } = await fetch(url);
    const stalled = body?.getReader();
    assert.equal((await stalled?.read())?.value?.length, 3);
    assert.equal(await Promise.race([stalled?.read(), setTimeout(100, "nothing more")]), "nothing more");
    await stalled?.cancel();
    undoStall();
    media.faults.slow(10_000);
    await assert.rejects(fetch(url, { signal: AbortSignal.timeout(100) }), { name: "TimeoutError" });
  });
});

describe("the requests", () => {
  it("are counted by kind and status, and the last ones kept", async (t) => {
    const media = await mediaServer(t);
    const { url } = media.address({ id: "1" }, "image");
    await fetch(url, { headers: { "if-none-match": "x" } });
    await fetch(media.address({ id: "1" }, "preview").url);
    await fetch(media.origin + media.keep(PNG));
    await fetch(`${media.origin}/`);
    const { requests } = media;
    assert.deepEqual(
      (["image", "preview", "blob", "other", 200, 404] as const).map((what) => requests.get(what)),
      [1, 1, 1, 1, 3, 1],
    );
    const [first] = requests.last;
    assert.deepEqual([first?.id, first?.status, first?.headers["if-none-match"]], ["1", 200, "x"]);
    requests.reset();
    assert.deepEqual([requests.total, requests.last.length, requests.get("image")], [0, 0, 0]);
  });
});
