import assert from "node:assert/strict";
import { type Browser, describeInBrowser, startBrowser, visit } from "@wuts/server/test-support/browser";
import { afterAll, beforeAll, it } from "vitest";
import { type Sandbox, startSandbox } from "../sandbox.ts";

const bruno = "5511888888888";

describeInBrowser("The sandbox's phone in a browser", () => {
  let sandbox: Sandbox;
  let browser: Browser;
  beforeAll(async () => {
    sandbox = await startSandbox({
      WUTS_PORT: "0",
      WUTS_LOG_LEVEL: "silent",
      WUTS_WHATSAPP_TIMEOUT_MS: "3000",
    });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  const newDevice = async () => (await sandbox.wuts.devices.create({ name: "Console" })).id;

  it("scans and types, fits 360 pixels, and loads nothing from elsewhere", async () => {
    const device_id = await newDevice();
    const { page, complaints, close } = await visit(browser, sandbox.phoneUrl, 360);
    await page.getByRole("link", { name: "Bruno" }).click();
    await page.getByText("Bruno, +5511888888888").waitFor();
    const { code } = await sandbox.wuts.session.generatePairCode({ number: bruno, device_id });
    await page.getByLabel("Code", { exact: true }).fill("ABC");
    await page.getByRole("button", { name: "Link", exact: true }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Code", { exact: true }).fill(code);
    await page.getByRole("button", { name: "Link", exact: true }).click();
    await page.getByRole("status").waitFor();
    await sandbox.wuts.session.generateQrCode({ device_id: await newDevice() });
    await page.getByRole("button", { name: "Scan the QR code" }).click();
    await page.getByText("Device 2").waitFor();
    for (const language of ["en", "pt"]) {
      await page.setExtraHTTPHeaders({ "Accept-Language": language });
      await page.goto(sandbox.phoneUrl);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360, language);
    }
    // A page that was refused is what this browser calls an error.
    assert.deepEqual(
      complaints.filter((complaint) => !complaint.includes("status of 400")),
      [],
    );
    await close();
  });
});
