import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Sandbox, startSandbox } from "../sandbox.ts";
import { owner } from "../seed-accounts.ts";

const quiet = { WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent", WUTS_WHATSAPP_TIMEOUT_MS: "3000" };
const ana = "5511999999999";
const bruno = "5511888888888";

/** Sends one request as it is told to, also what `fetch` would not. */
async function ask(url: string, headers: Record<string, string> = {}, form?: Record<string, string>) {
  const asked = request(url, { method: form ? "POST" : "GET", headers });
  if (form) asked.setHeader("Content-Type", "application/x-www-form-urlencoded");
  asked.end(form && new URLSearchParams(form).toString());
  const [response] = await once(asked, "response");
  return { status: response.statusCode, headers: response.headers, page: await text(response) };
}

describe("The sandbox's phone", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox(quiet);
  });
  afterAll(() => sandbox.stop());

  /** Presses a button, as the page's own forms do. */
  const press = (button: "scan" | "code", form: Record<string, string>, headers?: Record<string, string>) =>
    ask(
      `${sandbox.phoneUrl}${button}`,
      headers ?? { Origin: new URL(sandbox.phoneUrl).origin, "Sec-Fetch-Site": "same-origin" },
      form,
    );
  const newDevice = async () => (await sandbox.wuts.devices.create({ name: "Console" })).id;
  const stateOf = async (device_id: string) => (await sandbox.wuts.devices.get({ device_id })).state;

  it("is the owner's unless another is chosen", async () => {
    const { status, headers, page } = await ask(sandbox.phoneUrl);
    assert.equal(status, 200);
    assert.match(page, /<h1>Linked devices<\/h1>\s+<p>Sandbox, \+5511900000000<\/p>/);
    assert.match(page, /href="\?phone=5511900000000" aria-current="true"/);
    assert.match(page, /<li>Device 1<\/li>/);
    assert.doesNotMatch(page, /<script|<style|style=|https?:/);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /^default-src 'none';style-src 'self';img-src 'self';form-action 'self';/);
    const [, hrefOfAna = ""] = /href="(\?phone=5511999999999)"/.exec(page) ?? [];
    assert.match((await ask(`${sandbox.phoneUrl}${hrefOfAna}`)).page, /<p>Ana, \+5511999999999<\/p>/);
    assert.equal((await ask(`${sandbox.phoneUrl}?phone=5511000000009`)).status, 404);
  });

  it("speaks Portuguese to who prefers it", async () => {
    const { page, headers } = await ask(sandbox.phoneUrl, { "Accept-Language": "pt-BR,pt;q=0.9,en;q=0.8" });
    assert.match(page, /<html lang="pt-BR">/);
    assert.match(page, /<h1>Dispositivos conectados<\/h1>/);
    assert.equal(headers.vary, "Accept-Language");
  });

  it("is where the console says that it is", async () => {
    const { page } = await ask(`${sandbox.url}/console/`);
    assert.ok(page.includes(`<meta name="wuts-phone" content="${sandbox.phoneUrl}"`));
  });

  it("says so when there is no QR code to scan, and makes none", async () => {
    const id = await newDevice();
    const { status, page } = await press("scan", { phone: owner.phone });
    assert.equal(status, 409);
    assert.match(page, /role="alert">No QR code is on the screen\./);
    assert.equal(await stateOf(id), "unpaired");
  });

  it("links one more device to an account by the QR code that was shown last", async () => {
    const [first, last] = [await newDevice(), await newDevice()];
    for (const device_id of [first, last]) {
      const { generated_at } = await sandbox.wuts.session.generateQrCode({ device_id });
      // Which code is newer is known to the millisecond.
      while (Date.now() <= Date.parse(generated_at)) await setImmediate();
    }
    const { status, headers } = await press("scan", { phone: owner.phone });
    assert.deepEqual([status, headers.location], [303, `./?phone=${owner.phone}&linked`]);
    const { page } = await ask(`${sandbox.phoneUrl}${headers.location}`);
    assert.match(page, /role="status">Linked\. Look at the console\./);
    assert.match(page, /<li>Device 2<\/li>/);
    await sandbox.wuts.session.connect({ device_id: last });
    assert.deepEqual(await Promise.all([first, last, sandbox.deviceId].map(stateOf)), [
      "pairing",
      "connected",
      "connected",
    ]);
    await sandbox.wuts.devices.delete({ device_id: first });
  });

  it("takes the code that was asked for its number, after a wrong one", async () => {
    const device_id = await newDevice();
    const { code } = await sandbox.wuts.session.generatePairCode({ number: ana, device_id });
    const malformed = await press("code", { phone: ana, code: "<b>123" });
    assert.equal(malformed.status, 400);
    assert.match(malformed.page, /A code has eight letters and digits/);
    assert.match(malformed.page, /value="&#60;b&#62;123"/);
    const elsewhere = await press("code", { phone: bruno, code });
    assert.equal(elsewhere.status, 409);
    assert.match(elsewhere.page, /The code on the screen is for another phone\./);
    // It may have a QR code as well, but shows none.
    assert.match((await press("scan", { phone: ana })).page, /No QR code is on the screen\./);
    const wrong = await press("code", { phone: ana, code: code === "AAAA-AAAA" ? "BBBB-BBBB" : "aaaa-aaaa" });
    assert.equal(wrong.status, 409);
    assert.match(wrong.page, /That is not the code on the screen\./);
    assert.equal((await press("code", { phone: ana, code: code.toLowerCase() })).status, 303);
    await sandbox.wuts.session.connect({ device_id });
    assert.equal(await stateOf(device_id), "connected");
    const again = await press("code", { phone: ana, code });
    assert.equal(again.status, 409);
    assert.match(again.page, /The console shows no code for this phone\. Ask for one there/);
  });

  for (const [whose, headers] of Object.entries({
    "another page's": { Origin: "http://example.com", "Sec-Fetch-Site": "cross-site" },
    "another local page's": { Origin: "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site" },
    "a page's without an origin": { Origin: "null" },
    "a program's": {},
  })) {
    it(`does nothing by ${whose} form`, async () => {
      const { status, page } = await press("scan", { phone: owner.phone }, { ...headers });
      assert.equal(status, 403);
      assert.match(page, /role="alert">This request came from another page/);
    });
  }

  it("answers under no other name than its own", async () => {
    const headers = { Host: "phone.example.com", Origin: "http://phone.example.com" };
    for (const form of [undefined, { phone: owner.phone }]) {
      const { status } = await ask(`${sandbox.phoneUrl}${form ? "scan" : ""}`, headers, form);
      assert.equal(status, 403);
    }
  });

  it("refuses a phone that there is not, and a form that is too large", async () => {
    assert.equal((await press("scan", { phone: "5511000000009" })).status, 404);
    assert.equal((await press("scan", {})).status, 404);
    assert.equal((await press("code", { phone: ana, code: "A".repeat(2_000) })).status, 413);
  });
});

describe("The phone's port", () => {
  it("must be one", () =>
    assert.rejects(startSandbox({ ...quiet, WUTS_SANDBOX_PHONE_PORT: "70000" }), {
      name: "ConfigError",
      message: "WUTS_SANDBOX_PHONE_PORT must be a whole number from 0 to 65535.",
    }));

  it("must be free", async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    t.onTestFinished(() => void other.close());
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await assert.rejects(startSandbox({ ...quiet, WUTS_SANDBOX_PHONE_PORT: String(port) }), {
      name: "ConfigError",
      message: "WUTS_SANDBOX_PHONE_PORT names a port that is in use already.",
    });
  });
});
