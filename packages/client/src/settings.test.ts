import assert from "node:assert/strict";
import { answering } from "@wuts/testing/canned-server";
import { describe, it, type TestContext } from "vitest";
import { createWuts, WutsError, type WutsOptions } from "./index.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const baseUrl = "http://wuts.invalid";

/** Why a client cannot be created. */
function refusal(options: WutsOptions): string {
  try {
    createWuts(options);
  } catch (error) {
    assert.ok(error instanceof WutsError, `${error}`);
    assert.deepEqual([error.status, error.code], [0, "INVALID_ARGUMENT"]);
    return error.message;
  }
  return assert.fail("the client was created");
}

describe("createWuts", () => {
  for (const [wrong, said] of [
    [undefined, /^baseUrl is missing: .*WUTS_BASE_URL/],
    ["", /^baseUrl is "": it must be the URL/],
    ["localhost:3000", /^baseUrl is "localhost:3000", without http:\/\/ or https:\/\//],
    ["wuts.example.com", /^baseUrl is "wuts.example.com": it must be the URL/],
    ["/api", /^baseUrl is "\/api": it must be the URL/],
    ["http://", /^baseUrl is "http:\/\/": it must be the URL/],
    ["https://wuts.example.com/#top", /with a query or fragment/],
  ] as const) {
    it(`refuses the base URL ${wrong}, and says why`, (t) => {
      withoutEnvironment(t);
      assert.match(refusal({ baseUrl: wrong, token }), said);
    });
  }

  for (const wrong of [
    "https://ana:hunter2@wuts.example.com",
    "ana:hunter2@wuts.example.com",
    "https://ana:hunter2@:0:0",
  ]) {
    it(`refuses a password in the base URL without repeating it: ${wrong}`, () => {
      assert.doesNotMatch(refusal({ baseUrl: wrong, token }), /hunter2/);
    });
  }

  for (const [wrong, said] of [
    [undefined, /^token is missing: .*WUTS_TOKEN/],
    ["", /^token is empty/],
    ["\n", /^token is empty/],
    ["3f2b8c1a 9d4e", /^token has a space/],
    ["3f2b8c1a\n9d4e", /^token has a space/],
    ["tökèn", /^token has a space, a line break or another character/],
  ] as const) {
    it(`refuses the token ${JSON.stringify(wrong)}, and says why without repeating it`, (t) => {
      withoutEnvironment(t);
      const message = refusal({ baseUrl, token: wrong });
      assert.match(message, said);
      assert.ok(!wrong?.trim() || !message.includes(wrong));
    });
  }

  for (const [name, wrongs] of [
    ["timeoutMs", [-1, 0, Number.NaN, 2 ** 31, Infinity]],
    ["retries", [-1, 0.5, Number.NaN, Infinity]],
    ["maxRetryAfterSeconds", [-1, Number.NaN]],
  ] as const) {
    for (const wrong of wrongs) {
      it(`refuses ${name}: ${wrong}, of a client and of a call`, async () => {
        const said = new RegExp(`^${name} must be .*, and is ${wrong}$`);
        assert.match(refusal({ baseUrl, token, [name]: wrong }), said);
        const { devices, contacts } = createWuts({ baseUrl, token });
        const expected = { code: "INVALID_ARGUMENT", message: said };
        await assert.rejects(devices.list({}, { [name]: wrong }), expected);
        const lines = contacts.lookUpProfilePicturesStream({ numbers: ["1"] }, { [name]: wrong });
        await assert.rejects(lines.next(), expected);
      });
    }
  }

  it("takes the largest and the smallest limits", () => {
    const largest = { timeoutMs: 2 ** 31 - 1, retries: 1_000, maxRetryAfterSeconds: Infinity };
    assert.ok(createWuts({ baseUrl, token, ...largest }));
    assert.ok(createWuts({ baseUrl, token, timeoutMs: 1, retries: 0, maxRetryAfterSeconds: 0 }));
  });

  it("takes base URL and token of the environment, and prefers its options", async (t) => {
    const server = await answering(200, { success: true, data: {} });
    t.onTestFinished(() => server.stop());
    setEnvironment(t, { WUTS_BASE_URL: server.url, WUTS_TOKEN: `${token}\n` });
    await createWuts().devices.list();
    await createWuts({ token: "another" }).devices.list();
    await createWuts({ token: null }).devices.list();
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.authorization),
      [`Bearer ${token}`, "Bearer another", undefined],
    );
    assert.match(refusal({ baseUrl: "" }), /^baseUrl is ""/);
    assert.match(refusal({ token: "" }), /^token is empty/);
  });

  it("takes nothing that is empty in the environment", (t) => {
    setEnvironment(t, { WUTS_BASE_URL: "", WUTS_TOKEN: "" });
    assert.match(refusal({}), /^baseUrl is missing/);
    assert.match(refusal({ baseUrl }), /^token is missing/);
  });

  it("sends requests below the path of its base URL, whatever its slashes", async (t) => {
    const server = await answering(200, { success: true, data: {} });
    t.onTestFinished(() => server.stop());
    for (const path of ["", "/", "/wuts", "/wuts//"])
      await createWuts({ baseUrl: `${server.url}${path}`, token }).devices.list();
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ["/devices", "/devices", "/wuts/devices", "/wuts/devices"],
    );
  });
});

function withoutEnvironment(t: TestContext): void {
  setEnvironment(t, { WUTS_BASE_URL: undefined, WUTS_TOKEN: undefined });
}

/** Until the test is over. */
function setEnvironment(t: TestContext, variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    t.onTestFinished(() => set(name, before));
    set(name, value);
  }
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
