import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { MediaServer } from "./media-server.ts";

async function mediaServer(t: TestContext): Promise<MediaServer> {
  const media = new MediaServer();
  await media.start(0);
  t.after(() => media.stop());
  return media;
}

const PNG = Buffer.from("89504e470d0a1a0a", "hex");

describe("the media server", () => {
  it("serves a drawn JPEG in both sizes, whose hash is the one that was told", async (t) => {
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

  it("tells the expiry in oe, 24 hours ahead unless told otherwise", async (t) => {
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
