import assert from "node:assert/strict";
import { once } from "node:events";
import type { Sandbox } from "@wuts/sandbox";
import { type Browser, describeInBrowser } from "@wuts/server/test-support/browser";
import { afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import { type ConsoleVisit, openSignedIn, type Page, readQr } from "./support/console.ts";
import { keepScreenshot } from "./support/looks.ts";
import { sandbox } from "./support/places.ts";
import { startedWorld } from "./support/world.ts";

const owner = "5511900000000";

describeInBrowser("Devices in the console", () => {
  let browser: Browser;
  let place: Sandbox;
  let visited: ConsoleVisit;
  let page: Page;
  const world = startedWorld(sandbox);
  beforeAll(() => {
    ({ browser, place } = world());
  });
  beforeEach(async () => {
    visited = await openSignedIn(browser, place);
    page = visited.page;
  });
  afterEach(async () => {
    assert.deepEqual(visited.complaints(), []);
    await visited.close();
  });

  /** Adds one, and goes on to linking it. */
  async function add(name: string, how: "Scan a QR code" | "Type a code"): Promise<void> {
    await page.getByRole("link", { name: "Add a device" }).click();
    await page.getByLabel("Name").fill(name);
    await page.getByRole("radio", { name: how }).check();
    await page.getByRole("button", { name: "Continue" }).click();
  }

  const card = (name: string) =>
    page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

  async function confirm(action: string): Promise<void> {
    await page.getByRole("dialog").getByRole("button", { name: action, exact: true }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }

  it("shows each with its state, its number and when it was last heard of", async () => {
    const device = card("Device 1");
    await device.getByText("Connected", { exact: true }).waitFor();
    await device.getByText(`+${owner}`).waitFor();
    await device.getByText(/^now$|seconds? ago|minutes? ago/).waitFor();
  });

  describe("linking a phone", () => {
    it("shows a QR code that a phone reads off the page, and turns connected without a reload", async () => {
      await add("By QR code", "Scan a QR code");
      const image = page.getByRole("img", { name: "QR code to scan with WhatsApp" });
      await image.waitFor();
      await page.getByText(/^New code in \d+ s$/).waitFor();
      for (const width of [360, 1600]) {
        await page.setViewportSize({ width, height: 900 });
        await keepScreenshot(page, `pair-by-qr-${width}`);
      }
      await place.simulator.account(owner).scanQr(await readQr(image));
      await page.getByText("By QR code is connected.").waitFor();
      await page.getByText(`+${owner}`).waitFor();
      const reloads = await page.evaluate("performance.getEntriesByType('navigation').length");
      assert.equal(reloads, 1);
      await page.getByRole("link", { name: "Back to the devices" }).click();
      await card("By QR code").getByText("Connected", { exact: true }).waitFor();
    });

    it("replaces the QR code with the next one before somebody scans what has expired", async () => {
      await add("Waiting", "Scan a QR code");
      const image = page.getByRole("img", { name: "QR code to scan with WhatsApp" });
      const first = await image.getAttribute("src");
      const { wuts } = place;
      const { items } = await wuts.devices.list();
      const device_id = items.find(({ name }) => name === "Waiting")?.id ?? "";
      // What an operation can ask for, time does by itself: another code in place of the one that is shown.
      await wuts.session.generateQrCode({ device_id, refresh: true });
      await page.locator(`.qr-frame img:not([src="${first}"])`).waitFor();
      await wuts.devices.delete({ device_id });
    });

    it("stops when nobody scans, and begins again on request", async () => {
      await add("Left open", "Scan a QR code");
      await page.getByRole("img", { name: "QR code to scan with WhatsApp" }).waitFor();
      await page.getByText("Waiting for the phone").waitFor();
      const { wuts } = place;
      const { items } = await wuts.devices.list();
      const device_id = items.find(({ name }) => name === "Left open")?.id ?? "";
      await wuts.session.disconnect({ device_id });
      await page.getByText("Nobody used the code in time.").waitFor();
      await page.getByRole("button", { name: "Show a new code" }).click();
      await page.getByRole("img", { name: "QR code to scan with WhatsApp" }).waitFor();
      await wuts.devices.delete({ device_id });
    });

    it("shows a pairing code to type, with a way to copy it", async () => {
      await add("By code", "Type a code");
      await page.getByRole("button", { name: "Get a code" }).click();
      await page.getByText("Type the phone number.").waitFor();
      await page.getByLabel("Phone number of the account").fill("+55 11 90000-0000");
      await page.getByRole("button", { name: "Get a code" }).click();
      const code = page.getByLabel("Pairing code", { exact: true });
      await code.waitFor();
      await page.getByText(/^Valid for \d:\d\d$/).waitFor();
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy: Pairing code" }).click();
      await page.getByText("Copied").first().waitFor();
      const copied = String(await page.evaluate("navigator.clipboard.readText()"));
      assert.equal(copied, await code.textContent());
      await keepScreenshot(page, "pair-by-code");
      await place.simulator.account(owner).enterPairingCode(copied);
      await page.getByText("By code is connected.").waitFor();
    });

    it("says so when nobody can be reached, and tries again on request", async () => {
      place.simulator.faults.answerError("iq md set/link_code_companion_reg", 429, "rate-overlimit");
      await add("Refused", "Type a code");
      await page.getByLabel("Phone number of the account").fill(owner);
      await page.getByRole("button", { name: "Get a code" }).click();
      await page.getByRole("alert").getByText("WhatsApp wants this account to slow down.").waitFor();
      place.simulator.faults.reset();
      await page.getByRole("button", { name: "Get a code" }).click();
      await page.getByLabel("Pairing code", { exact: true }).waitFor();
    });
  });

  describe("what can be done with one", () => {
    it("disconnects it after a question, says why it is offline, and connects it again", async () => {
      const device = card("By QR code");
      await device.getByRole("button", { name: "Disconnect" }).click();
      await page.getByRole("dialog").getByText("It stays linked").waitFor();
      await keepScreenshot(page, "confirm", false);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const focused = await page.evaluate("document.activeElement.textContent");
      assert.equal(focused, "Disconnect");
      await device.getByRole("button", { name: "Disconnect" }).click();
      await confirm("Disconnect");
      await device.getByText("Disconnected", { exact: true }).waitFor();
      await device.getByText("It was disconnected on request.").waitFor();
      await keepScreenshot(page, "disconnected");
      await device.getByRole("button", { name: "Connect", exact: true }).click();
      await device.getByText("Connected", { exact: true }).waitFor();
    });

    it("logs it out, after which a phone can be linked to it again", async () => {
      const device = card("By QR code");
      const unlinked = once(place.simulator.events, "unlinked");
      await device.getByRole("button", { name: "Log out" }).click();
      await confirm("Log out");
      await unlinked;
      await device.getByText("Logged out", { exact: true }).waitFor();
      await device.getByRole("link", { name: "Link a phone" }).click();
      await page.getByRole("img", { name: "QR code to scan with WhatsApp" }).waitFor();
    });

    it("deletes it", async () => {
      const device = card("By QR code");
      await device.getByRole("button", { name: "Delete" }).click();
      await confirm("Delete");
      await device.waitFor({ state: "detached" });
      const { items } = await place.wuts.devices.list();
      assert.ok(!items.some(({ name }) => name === "By QR code"));
    });

    it("shows that its phone has logged it out", async () => {
      const device = card("By code");
      await device.getByText("Connected", { exact: true }).waitFor();
      const { items } = await place.wuts.devices.list();
      const jid = items.find(({ name }) => name === "By code")?.jid;
      assert.ok(jid);
      const { devices } = place.simulator.account(owner);
      const last = devices.at(-1);
      assert.ok(last);
      await place.simulator.account(owner).unlink(last.id);
      await device.getByText("Logged out", { exact: true }).waitFor();
      await device.getByText("The link was ended, on the phone or here. Link a phone again.").waitFor();
    });
  });
});
