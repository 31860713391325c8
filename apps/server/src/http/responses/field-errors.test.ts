import assert from "node:assert/strict";
import { afterAll, describe, it } from "vitest";
import { at, listAt } from "../../test-support/call.ts";
import { startWorld } from "../../test-support/world.ts";

const world = await startWorld();
afterAll(() => world.stop());

const picture = "/contacts/profile-picture";

/** @returns the text of the only field that is wrong */
async function messageFor(path: string, body?: string): Promise<unknown> {
  const options = body === undefined ? {} : { method: "POST", body };
  const { status, body: answer } = await world.call(path, options);
  assert.equal(status, 400, JSON.stringify(answer));
  const problems = listAt(answer, "validation");
  assert.equal(problems.length, 1, JSON.stringify(problems));
  return at(problems[0], "message");
}

describe("A wrong request names what was given, what is expected, and an example", () => {
  for (const [path, message] of [
    ["/devices?limit=0", "must be at least 1, and is 0"],
    ["/devices?limit=500", "must be at most 100, and is 500"],
    ["/devices?limit=ten", 'must be a whole number, and is "ten"'],
    ["/devices?limit=", "must not be empty"],
    ["/devices?limit=1&limit=2", "must be given only once"],
    ["/devices?limitt=5", "is not known: did you mean limit?"],
    ["/devices?colour=red", "is not known: there is limit and cursor"],
    ["/devices/x", 'must be a UUID, such as 7d0a9b1e-4c5f-4e1a-9b7d-2f3a4b5c6d7e, and is "x"'],
    ["/devices/%ZZ", "must be UTF-8, percent-encoded"],
    [`${picture}?number=5511999999999&preview=2`, "must be true, false, 0 or 1, and is 2"],
    [
      `${picture}?jid=5511999999999@c.us`,
      "must be a JID of a user or a group, or a LID, such as 5511999999999@s.whatsapp.net, " +
        'and is "5511999999999@c.us": the part after the @ is s.whatsapp.net here',
    ],
    [
      `${picture}?jid=5511999999999`,
      "must be a JID of a user or a group, or a LID, such as 5511999999999@s.whatsapp.net, " +
        'and is "5511999999999": a phone number is given as number, not as jid',
    ],
    [
      `${picture}?jid=5511999999999%20@s.whatsapp.net`,
      "must be a JID of a user or a group, or a LID, such as 5511999999999@s.whatsapp.net, " +
        'and is "5511999999999 @s.whatsapp.net": leave the spaces out',
    ],
    [
      `${picture}?number=12`,
      "must be a phone number with country code, as people write it, such as 5511999999999, " + 'and is "12"',
    ],
    [
      "/devices?cursor=a.b",
      "must be a `next_cursor` of an earlier page, as it came, such as " +
        'MjAyNi0wNi0wMVQwOTozMDowMC4wMDBaIDdkMGE5YjFlLTNmODYtNGM1My05YTBlLTViMWY2YTJmOWQxMPlRUn1TmKU7, and is "a.b"',
    ],
    [
      `${picture}?number=5511999999999&existing_id=a.b`,
      "must be a picture id, 1 to 64 letters, digits, `-` or `_`, such as 1700000000, " + 'and is "a.b"',
    ],
    [
      "/contacts?search=%0A",
      "must be a text of 1 to 100 characters, without control characters, such as souza, " + 'and is "\\n"',
    ],
    ["/audit?user_id=x", 'must be a UUID, such as 7d0a9b1e-4c5f-4e1a-9b7d-2f3a4b5c6d7e, and is "x"'],
    [`${picture}?number=011999999999`, 'must begin with a country code instead of 0, and is "011999999999"'],
  ] as const) {
    it(`by GET ${path}`, async () => {
      assert.equal(await messageFor(path), message);
    });
  }

  for (const [body, message] of [
    ["null", "must be an object, and is null"],
    ['"a"', 'must be an object, and is "a"'],
    ["[]", "must be an object, and is a list"],
    ["", "is required"],
    ["{", "is not valid JSON: see the character at position 1, counted from 0"],
    ['{"name":"x",}', "is not valid JSON: see the character at position 12, counted from 0"],
    ["{}", "is required"],
    ['{"name":""}', "must not be empty"],
    [
      '{"name":"\u200b"}',
      "must be a text with a character that is seen, and no control characters, such as Reception, " +
        'and is "\u200b"',
    ],
    [`{"name":"${"x".repeat(101)}"}`, "must have at most 100 characters, and has 101"],
    [`{"name":${"[".repeat(100)}${"]".repeat(100)}}`, "must be a string, and is a list"],
    ['{"name":5}', "must be a string, and is 5"],
    ['{"name":"x","picture_pace":3}', "is not known: there is name and picture_pace_per_minute"],
    ['{"name":"x","picture_pace_per_minut":3}', "is not known: did you mean picture_pace_per_minute?"],
  ] as const) {
    it(`by POST /devices with ${body.slice(0, 40) || "nothing"}`, async () => {
      assert.equal(await messageFor("/devices", body), message);
    });
  }

  it("by an Idempotency-Key", async () => {
    const headers = { "Idempotency-Key": "two words" };
    const answer = await world.call("/devices", { method: "POST", body: { name: "Reception" }, headers });
    const [problem] = listAt(answer.body, "validation");
    assert.deepEqual(problem, {
      field: "Idempotency-Key",
      message:
        "must be a name in visible ASCII characters, such as 8e03978e-40d5-43dd-bc93-6894a57f9324, " +
        'and is "two words"',
    });
  });

  it("but is never shown a secret again", async () => {
    const message = await messageFor("/sign-in", '{"code":"a-secret-that-is-too-short"}');
    assert.equal(message, "must be the code, which works once");
  });

  it("and no more of a long value than its beginning", async () => {
    const message = String(await messageFor(`/devices?limit=${"x".repeat(5_000)}`));
    assert.ok(message.length < 120, message);
  });
});

describe("A UUID in upper case", () => {
  it("is the same UUID, in the path and in the query", async () => {
    const id = await world.createDevice();
    for (const path of [`/devices/${id.toUpperCase()}`, `/status?device_id=${id.toUpperCase()}`]) {
      const { status, body } = await world.call(path);
      assert.equal(status, 200, path);
      assert.match(JSON.stringify(body), new RegExp(id));
    }
  });
});
