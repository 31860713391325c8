import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WutsError } from "@wuts/client";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import { takenEmail, takenTenant } from "./conflict-fixtures.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";
import { bugNumber, groups, owner, seedAccounts, unregisteredNumber } from "./seed-accounts.ts";

const quiet = { WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent", WUTS_WHATSAPP_TIMEOUT_MS: "3000" };

describe("The sandbox", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox(quiet);
  });
  afterAll(() => sandbox.stop());

  const pictureOf = (who: string) =>
    sandbox.wuts.contacts.getProfilePicture(who.includes("@") ? { jid: who } : { number: who });
  const refuses = (code: string) => (error: unknown) => error instanceof WutsError && error.code === code;

  it("starts with a paired and connected device", async () => {
    const device = await sandbox.wuts.devices.get({ device_id: sandbox.deviceId });
    assert.partialDeepStrictEqual(device, { state: "connected", phone_number: owner.phone });
    assert.match(sandbox.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  for (const [who, picture_id, jid = `${who}@s.whatsapp.net`] of [
    ["5511999999999", "1700000000"],
    ["5511933333333", "1700000003", "551133333333@s.whatsapp.net"],
    ["120363039000000000@g.us", "1700000039", "120363039000000000@g.us"],
    ["120363040000000000@g.us", "1700000040", "120363040000000000@g.us"],
  ] as const) {
    it(`answers the picture of ${who}, whose bytes can be had`, async () => {
      const picture = await pictureOf(who);
      assert.partialDeepStrictEqual(picture, { picture_id, jid });
      assert.equal((await fetch(picture.url ?? "")).status, 200);
    });
  }

  for (const [who, code] of [
    ["5511888888888", "PICTURE_NOT_SET"],
    ["5511922222222", "PICTURE_NOT_SET"],
    ["5511777777777", "PICTURE_HIDDEN"],
    ["5511666666666", "WHATSAPP_RATE_LIMITED"],
    ["5511555555555", "WHATSAPP_TIMEOUT"],
    ["5511222222222", "WHATSAPP_ERROR"],
    [unregisteredNumber, "NOT_ON_WHATSAPP"],
    [bugNumber, "INTERNAL_ERROR"],
    ["+55 (11) 00000-0000", "INTERNAL_ERROR"],
  ] as const) {
    it(`answers ${code} for ${who}`, () => assert.rejects(pictureOf(who), refuses(code)));
  }

  it("has about texts, a business and a blocked contact", async () => {
    const { contacts } = sandbox.wuts;
    assert.partialDeepStrictEqual(await contacts.getProfile({ number: "5511999999999" }), {
      about: "At work",
    });
    assert.partialDeepStrictEqual(await contacts.getProfile({ number: "5511777777777" }), { about: null });
    assert.partialDeepStrictEqual(await contacts.getProfile({ number: "5511922222222" }), {
      business_name: "Padaria Central",
      business_profile: { categories: ["Bakery"], websites: ["https://example.com"] },
    });
    const { items } = await contacts.getBlocklist();
    assert.deepEqual(
      items.map(({ phone_number }) => phone_number),
      ["5511888888888"],
    );
  });

  it("has a group that its account may change, and one that it may not", async () => {
    const remove = (jid: string) => sandbox.wuts.groups.removePicture({ jid });
    assert.partialDeepStrictEqual(await remove("120363039000000000@g.us"), { picture_id: null });
    await assert.rejects(remove("120363041000000000@g.us"), refuses("NOT_GROUP_ADMIN"));
  });

  it("has a user and a tenant to run into", async () => {
    const { wuts, master } = sandbox;
    const user = { email: takenEmail.toUpperCase() };
    await assert.rejects(wuts.users.create({ ...user, role: "user" }), refuses("EMAIL_TAKEN"));
    const tenant = { ...user, tenant_name: takenTenant };
    await assert.rejects(master.tenants.register(tenant), refuses("TENANT_EXISTS"));
  });

  it("has no limits unless it is told to", async (t) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(sandbox)));
    assert.ok(answers.every(({ ok, headers }) => ok && !headers.has("RateLimit")));
    const limited = await startSandbox({ ...quiet, WUTS_RATE_LIMIT_TOKEN: "20" });
    t.onTestFinished(() => limited.stop());
    assert.ok((await ask(limited)).headers.has("RateLimit"));
  });

  it("has a test for each account in it", () => {
    assert.equal(seedAccounts.length + groups.length, 11);
  });
});

describe("The sandbox's data", () => {
  // Other tests start sandboxes meanwhile: only those of this file are to be seen here.
  const shared = process.env.TMPDIR;
  let own = "";
  beforeAll(async () => {
    own = await mkdtemp(join(tmpdir(), "wuts-test-"));
    process.env.TMPDIR = own;
  });
  afterAll(async () => {
    if (shared === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = shared;
    await rm(own, { recursive: true, force: true });
  });

  const temporaryFolder = async (t: TestContext) => {
    const folder = await mkdtemp(join(tmpdir(), "wuts-test-"));
    t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return folder;
  };
  const sandboxFolders = async () =>
    (await readdir(tmpdir())).filter((name) => name.startsWith("wuts-sandbox-")).sort();

  it("is gone when it stops, unless it has a folder of its own", async () => {
    const before = await sandboxFolders();
    const sandbox = await startSandbox(quiet);
    const [folder, ...more] = (await sandboxFolders()).filter((name) => !before.includes(name));
    assert.ok(folder !== undefined && more.length === 0);
    await sandbox.stop();
    await sandbox.stop();
    assert.equal(existsSync(join(tmpdir(), folder)), false);
  });

  it("is gone when it cannot start", async () => {
    const before = await sandboxFolders();
    await assert.rejects(startSandbox({ ...quiet, WUTS_PORT: "70000" }), /^ConfigError: WUTS_PORT must/);
    await assert.rejects(
      startSandbox({ ...quiet, WUTS_WHATSAPP_URL: "ws://localhost:1/elsewhere" }),
      /^ConfigError: WUTS_WHATSAPP_URL must/,
    );
    assert.deepEqual(await sandboxFolders(), before);
  });

  it("is kept in WUTS_DATA_DIR: the same device is connected again, without being paired", async (t) => {
    const settings = { ...quiet, WUTS_DATA_DIR: await temporaryFolder(t) };
    const first = await startSandbox(settings);
    const { token, masterToken, deviceId } = first;
    await first.stop();

    const second = await startSandbox(settings);
    try {
      assert.deepEqual([second.token, second.masterToken, second.deviceId], [token, masterToken, deviceId]);
      assert.equal((await second.wuts.users.list()).items.length, 2);
      assert.equal((await second.master.tenants.list()).items.length, 2);
      assert.equal(second.simulator.account(owner.phone).devices.length, 1);
      assert.equal((await second.wuts.session.checkStatus()).state, "connected");
      assert.equal(
        (await second.wuts.contacts.getProfilePicture({ number: "5511999999999" })).picture_id,
        "1700000000",
      );
    } finally {
      await second.stop();
    }
  });
});

function ask({ url, token }: Sandbox): Promise<Response> {
  return fetch(`${url}/me`, { headers: { Authorization: `Bearer ${token}` } });
}
