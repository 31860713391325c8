import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, dataOf } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("A JSON body", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  async function create(body: Buffer, contentType = "application/json") {
    const response = await fetch(`${world.url}/devices`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.token}`, "content-type": contentType },
      body: new Uint8Array(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  const named = (...name: number[]) =>
    Buffer.concat([Buffer.from('{"name":"a'), Buffer.from(name), Buffer.from('"}')]);

  it("may hold any character in UTF-8", async () => {
    dataOf(await create(named(0xf0, 0x9f, 0x98, 0x80)), 201);
    dataOf(await create(named(0xc3, 0xbc), 'application/json; charset="UTF-8"'), 201);
  });

  for (const [what, ...bytes] of [
    ["a byte that begins nothing", 0xff],
    ["half a character", 0xe2, 0x82],
    ["a slash written too long", 0xc0, 0xaf],
    ["half of a surrogate pair", 0xed, 0xa0, 0x80],
  ] as const) {
    it(`is refused with ${what}, instead of being kept with U+FFFD`, async () => {
      assertInvalid(await create(named(...bytes)), "body");
    });
  }

  for (const charset of ["utf-16", "utf-16le", "utf-32", "utf-7", "iso-8859-1", "klingon"]) {
    it(`is not taken in ${charset}`, async () => {
      const body = Buffer.from('{"name":"x"}', charset.startsWith("utf-16") ? "utf16le" : "utf8");
      assertRefused(
        await create(body, `application/json; charset=${charset}`),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
      );
    });
  }
});
