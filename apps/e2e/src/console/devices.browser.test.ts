import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "vitest";
import { openSignedIn, readQr } from "./support/console.ts";
import { keepScreenshot } from "./support/looks.ts";
import { sandbox } from "./support/places.ts";
import { describeConsole } from "./support/world.ts";

const owner = "5511900000000";

describeConsole("Devices in the console", sandbox, openSignedIn, (here) => {
  /** Adds one, and goes on to linking it. */
  async function add(name: string, how: "Scan a QR code" | "Type a code"): Promise<void> {
    await here.page.getByRole("link", { name: "Add a device" }).click();
    await here.page.getByLabel("Name").fill(name);
    await here.page.getByRole("radio", { name: how }).check();
    await here.page.getByRole("button", { name: "Continue" }).click();
  }

  const card = (name: string) =>
    here.page.getByRole("listitem").filter({ has: here.page.getByRole("heading", { name, exact: true }) });

  async function confirm(action: string): Promise<void> {
    await here.page.getByRole("dialog").getByRole("button", { name: action, exact: true }).click();
    await here.page.getByRole("dialog").waitFor({ state: "detached" });
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
      const image = here.page.getByRole("img", { name: "QR code to scan with WhatsApp" });
      await image.waitFor();
      await here.page.getByText(/^New code in \d+ s$/).waitFor();
      for (const width of [360, 1600]) {
        await here.page.setViewportSize({ width, height: 900 });
        await keepScreenshot(here.page, `pair-by-qr-${width}`);
      }
      await here.place.simulator.account(owner).scanQr(await readQr(image));
      await here.page.getByText("By QR code is connected.").waitFor();
      await here.page.getByText(`+${owner}`).waitFor();
      const reloads = await here.page.evaluate("performance.getEntriesByType('navigation').length");
      assert.equal(reloads, 1);
      await here.page.getByRole("link", { name: "Back to the devices" }).click();
      await card("By QR code").getByText("Connected", { exact: true }).waitFor();
    });

    it("replaces the QR code with the next one before a phone scans an expired one", async () => {
      await add("Waiting", "Scan a QR code");
      const image = here.page.getByRole("img", { name: "QR code to scan with WhatsApp" });
      const first = await image.getAttribute("src");
      const { wuts } = here.place;
      const { items } = await wuts.devices.list();
      const device_id = items.find(({ name }) => name === "Waiting")?.id ?? "";
      // What an operation can ask for, time does by itself: another code in place of the one that is shown.
      await wuts.session.generateQrCode({ device_id, refresh: true });
      await here.page.locator(`.qr-frame img:not([src="${first}"])`).waitFor();
      await wuts.devices.delete({ device_id });
    });

    it("stops when no phone scans, and begins again on request", async () => {
      await add("Left open", "Scan a QR code");
      await here.page.getByRole("img", { name: "QR code to scan with WhatsApp" }).waitFor();
      await here.page.getByText("Waiting for the phone").waitFor();
      const { wuts } = here.place;
      const { items } = await wuts.devices.list();
      const device_id = items.find(({ name }) => name === "Left open")?.id ?? "";
      await wuts.session.disconnect({ device_id });
      await here.page.getByText("The code has expired.").waitFor();
      await here.page.getByRole("button", { name: "Show a new code" }).click();
      await here.page.getByRole("img", { name: "QR code to scan with WhatsApp" }).waitFor();
      await wuts.devices.delete({ device_id });
    });

    it("shows a pairing code to type, with a way to copy it", async () => {
      await add("By code", "Type a code");
      await here.page.getByRole("button", { name: "Get a code" }).click();
      await here.page.getByText("Enter the phone number.").waitFor();
      await here.page.getByLabel("Phone number of the account").fill("+55 11 90000-0000");
      await here.page.getByRole("button", { name: "Get a code" }).click();
      const code = here.page.getByLabel("Pairing code", { exact: true });
      await code.waitFor();
      await here.page.getByText(/^Valid for \d:\d\d$/).waitFor();
      await here.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await here.page.getByRole("button", { name: "Copy: Pairing code" }).click();
      await here.page.getByText("Copied").first().waitFor();
      const copied = String(await here.page.evaluate("navigator.clipboard.readText()"));
      assert.equal(copied, await code.textContent());
      await keepScreenshot(here.page, "pair-by-code");
      await here.place.simulator.account(owner).enterPairingCode(copied);
      await here.page.getByText("By code is connected.").waitFor();
    });

    for (const [name, how] of [
      ["Gated", "Scan a QR code"],
      ["Gated too", "Type a code"],
    ] as const)
      it(`says so when WhatsApp asks for a passkey, and tries again on request: ${how}`, async () => {
        const { simulator, wuts } = here.place;
        simulator.faults.requirePasskey();
        await add(name, how);
        const image = here.page.getByRole("img", { name: "QR code to scan with WhatsApp" });
        if (how === "Scan a QR code")
          await assert.rejects(simulator.account(owner).scanQr(await readQr(image)), {
            name: "PasskeyRequired",
          });
        else {
          await here.page.getByLabel("Phone number of the account").fill(owner);
          await here.page.getByRole("button", { name: "Get a code" }).click();
          const code = here.page.getByLabel("Pairing code", { exact: true });
          const typed = simulator.account(owner).enterPairingCode((await code.textContent()) ?? "");
          await assert.rejects(typed, { name: "PasskeyRequired" });
        }
        await here.page.getByRole("heading", { name: "WhatsApp asks for a passkey" }).waitFor();
        await image.waitFor({ state: "detached" });
        await keepScreenshot(here.page, "passkey");
        simulator.faults.reset();
        await here.page.getByRole("button", { name: "Try again" }).click();
        if (how === "Scan a QR code") await image.waitFor();
        else await here.page.getByRole("button", { name: "Get a code" }).waitFor();
        const { items } = await wuts.devices.list();
        const device_id = items.find((device) => device.name === name)?.id ?? "";
        await wuts.devices.delete({ device_id });
      });

    it("says so when the server cannot be reached, and tries again on request", async () => {
      here.place.simulator.faults.answerError("iq md set/link_code_companion_reg", 429, "rate-overlimit");
      await add("Refused", "Type a code");
      await here.page.getByLabel("Phone number of the account").fill(owner);
      await here.page.getByRole("button", { name: "Get a code" }).click();
      await here.page.getByRole("alert").getByText("WhatsApp wants this account to slow down.").waitFor();
      here.place.simulator.faults.reset();
      await here.page.getByRole("button", { name: "Get a code" }).click();
      await here.page.getByLabel("Pairing code", { exact: true }).waitFor();
    });
  });

  describe("what can be done with one", () => {
    it("says until when it is banned, and that it comes back then", async () => {
      const { simulator, wuts } = here.place;
      const { items } = await wuts.devices.list();
      const device_id = items.find(({ name }) => name === "By QR code")?.id ?? "";
      const undo = simulator.faults.refuseLogin(402, owner, { code: "101", expire: "3600" });
      await wuts.session.disconnect({ device_id });
      await wuts.session.connect({ device_id }).catch(() => undefined);
      const device = card("By QR code");
      await device.getByText("Refused by WhatsApp", { exact: true }).waitFor();
      await device.getByText("WhatsApp refuses this account for some time.").waitFor();
      await device.getByText(/The ban ends on .* The device then connects automatically\./).waitFor();
      await keepScreenshot(here.page, "banned");
      undo();
      await wuts.devices.delete({ device_id });
      await add("By QR code", "Scan a QR code");
      const image = here.page.getByRole("img", { name: "QR code to scan with WhatsApp" });
      await simulator.account(owner).scanQr(await readQr(image));
      await here.page.getByText("By QR code is connected.").waitFor();
    });

    it("disconnects it after a question, says why it is offline, and connects it again", async () => {
      const device = card("By QR code");
      await device.getByRole("button", { name: "Disconnect" }).click();
      await here.page.getByRole("dialog").getByText("The device stays linked").waitFor();
      await keepScreenshot(here.page, "confirm", false);
      await here.page.keyboard.press("Escape");
      await here.page.getByRole("dialog").waitFor({ state: "detached" });
      const focused = await here.page.evaluate("document.activeElement.textContent");
      assert.equal(focused, "Disconnect");
      await device.getByRole("button", { name: "Disconnect" }).click();
      await confirm("Disconnect");
      await device.getByText("Disconnected", { exact: true }).waitFor();
      await device.getByText("The device was disconnected on request.").waitFor();
      await keepScreenshot(here.page, "disconnected");
      await device.getByRole("button", { name: "Connect", exact: true }).click();
      await device.getByText("Connected", { exact: true }).waitFor();
    });

    it("logs it out, after which a phone can be linked to it again", async () => {
      const device = card("By QR code");
      const unlinked = once(here.place.simulator.events, "unlinked");
      await device.getByRole("button", { name: "Log out" }).click();
      await confirm("Log out");
      await unlinked;
      await device.getByText("Logged out", { exact: true }).waitFor();
      await device.getByRole("link", { name: "Link a phone" }).click();
      await here.page.getByRole("img", { name: "QR code to scan with WhatsApp" }).waitFor();
    });

    it("deletes it", async () => {
      const device = card("By QR code");
      await device.getByRole("button", { name: "Delete" }).click();
      await confirm("Delete");
      await device.waitFor({ state: "detached" });
      const { items } = await here.place.wuts.devices.list();
      assert.ok(!items.some(({ name }) => name === "By QR code"));
    });

    it("shows that its phone has logged it out", async () => {
      const device = card("By code");
      await device.getByText("Connected", { exact: true }).waitFor();
      const { items } = await here.place.wuts.devices.list();
      const jid = items.find(({ name }) => name === "By code")?.jid;
      assert.ok(jid);
      const { devices } = here.place.simulator.account(owner);
      const last = devices.at(-1);
      assert.ok(last);
      await here.place.simulator.account(owner).unlink(last.id);
      await device.getByText("Logged out", { exact: true }).waitFor();
      await device.getByText("The link was removed, on the phone or here. Link a phone again.").waitFor();
    });
  });
});
