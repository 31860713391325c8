import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { startSandbox } from "@wuts/sandbox";
import { assertShows } from "@wuts/server/test-support/browser";
import { describe, it } from "vitest";
import { lookUp, openConsole, openSignedIn, signIn } from "./support/console.ts";
import { keepScreenshot } from "./support/looks.ts";
import { sandbox } from "./support/places.ts";
import { describeConsole } from "./support/world.ts";

describeConsole("Being signed in to the console", sandbox, openConsole, (here) => {
  const devices = () => here.page.getByRole("heading", { level: 1, name: "Devices" });

  const account = async (action: string) => {
    await here.page.getByRole("button", { name: "Account" }).click();
    await here.page.getByRole("button", { name: action }).click();
  };
  /** @returns where this tab keeps a text: of what is asked for only the names of those that have it */
  const keptIn = async (text: string) => {
    const places = await here.page.evaluate<Record<string, string>>(
      "Object.fromEntries(Object.entries({ sessionStorage: { ...sessionStorage }, localStorage: { ...localStorage }, cookies: document.cookie, address: location.href, history: history.state }).map(([name, place]) => [name, JSON.stringify(place)]))",
    );
    return Object.entries(places).flatMap(([name, place]) => (place.includes(text) ? [name] : []));
  };

  it("takes a token, which the tab keeps for itself: no other one has it, and it is in no address", async () => {
    await signIn(here.page, here.place.token);
    await devices().waitFor();
    assert.ok(here.visited.requests.every(({ url }) => !url.includes(here.place.token)));
    assert.deepEqual(await keptIn(here.place.token), ["sessionStorage"]);
    const other = await here.page.context().newPage();
    await other.goto(here.page.url());
    await assertShows(other.getByRole("heading", { level: 1, name: "Sign in" }));
  });

  it("outlives a reload, on the page where it was", async () => {
    await signIn(here.page, here.place.token);
    await here.page.getByRole("link", { name: "Pictures" }).click();
    await assertShows(here.page.getByLabel("Phone number or JID"));
    await here.page.reload();
    await assertShows(here.page.getByLabel("Phone number or JID"));
  });

  it("leaves nothing behind when it ends, by signing out or because the server does not take the token", async () => {
    await signIn(here.page, here.place.token);
    await assertShows(devices());
    await account("Sign out");
    await assertShows(here.page.getByRole("heading", { level: 1, name: "Sign in" }));
    assert.deepEqual(await keptIn(here.place.token), []);
    await here.page.reload();
    await assertShows(here.page.getByRole("heading", { level: 1, name: "Sign in" }));
    const unknown = randomUUID();
    await signIn(here.page, unknown);
    await assertShows(here.page.getByText("This token is not valid."));
    assert.deepEqual(await keptIn(unknown), []);
  });

  it("refuses a token that the server does not know, and one that is no user's", async () => {
    await signIn(here.page, "");
    await assertShows(here.page.getByText("Paste a token first."));
    await signIn(here.page, randomUUID());
    await assertShows(here.page.getByText("This token is not valid."));
    await signIn(here.page, here.place.masterToken);
    await assertShows(here.page.getByText("This token is not valid."));
    await signIn(here.page, here.place.token);
    await assertShows(devices());
  });

  it("ends with words when the token in use is revoked", async () => {
    const { user } = await here.place.wuts.users.getMe();
    const made = await here.place.wuts.tokens.create({ user_id: user.id, name: "Short-lived" });
    await signIn(here.page, made.token);
    await devices().waitFor();
    await here.place.wuts.tokens.delete({ user_id: user.id, token_id: made.id });
    await here.page.getByText("You have been signed out because your token is no longer valid.").waitFor();
    assert.equal(await devices().count(), 0);
  });

  it("shows users no pages for admins", async () => {
    const { token } = await here.place.wuts.users.create({
      email: `${randomUUID()}@example.com`,
      role: "user",
    });
    await signIn(here.page, token);
    await here.page.getByText("No WhatsApp account is linked yet.").waitFor();
    assert.equal(await here.page.getByRole("link", { name: "Users" }).count(), 0);
    assert.equal(await here.page.getByRole("link", { name: "Audit trail" }).count(), 0);
    await keepScreenshot(here.page, "no-device");
    await here.page.getByRole("link", { name: "Pictures" }).click();
    await here.page.getByText("No device is linked yet.").waitFor();
  });

  it("works with the keyboard alone", async () => {
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => here.page.keyboard.press(key)), Promise.resolve());
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 30; presses += 1) {
        await here.page.keyboard.press("Tab");
        const focused: unknown = await here.page.evaluate(
          "[document.activeElement.labels?.[0], document.activeElement].map((one) => one?.textContent)",
        );
        if (Array.isArray(focused) && focused.includes(name)) return;
      }
      assert.fail(`Tab never comes to ${name}`);
    };
    await tabTo("Token");
    await here.page.keyboard.type(here.place.token);
    await press("Enter");
    await assertShows(devices());
    await tabTo("Pictures");
    await press("Enter");
    await assertShows(here.page.getByLabel("Phone number or JID"));
    await tabTo("Phone number or JID");
    await here.page.keyboard.type("5511999999999");
    await press("Enter");
    await assertShows(here.page.locator(".picture-frame img"));
    await tabTo("The request");
    await press("Enter");
    await assertShows(here.page.getByRole("heading", { name: "With curl" }));
  });

  it("speaks Portuguese to whose browser does, and to who chooses it", async () => {
    await here.page.getByLabel("Language").selectOption("Português");
    await here.page.getByRole("heading", { level: 1, name: "Entrar" }).waitFor();
    assert.equal(await here.page.locator("html").getAttribute("lang"), "pt");
    await here.page.reload();
    await here.page.getByRole("heading", { level: 1, name: "Entrar" }).waitFor();
    const other = await openConsole(here.browser, here.place, { locale: "pt-BR" });
    await other.page.getByRole("heading", { level: 1, name: "Entrar" }).waitFor();
    await other.close();
  });

  it("copies the id of a request that failed", async () => {
    await signIn(here.page, here.place.token);
    await here.page.getByRole("link", { name: "Pictures" }).click();
    await lookUp(here.page, "5511777777777");
    await here.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await here.page.getByRole("button", { name: "Copy the request id" }).click();
    const shown = await here.page.locator(".request-id code").textContent();
    assert.equal(await here.page.evaluate("navigator.clipboard.readText()"), shown);
  });

  describe("while the server is gone", () => {
    it("says so, and heals by itself", async () => {
      const own = await startSandbox({ WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent" });
      const { port } = new URL(own.url);
      const token = own.token;
      const lost = await openSignedIn(here.browser, own);
      await assertShows(lost.page.getByText("Device 1"));
      await own.stop();
      const banner = lost.page.getByText("The server cannot be reached. This page may show old data");
      await assertShows(banner);
      await assertShows(lost.page.getByText("Device 1"));
      await keepScreenshot(lost.page, "server-gone");
      const again = await startSandbox({
        WUTS_PORT: port,
        WUTS_LOG_LEVEL: "silent",
        WUTS_BOOTSTRAP_TOKEN: token,
      });
      await banner.waitFor({ state: "detached" });
      await assertShows(lost.page.getByText("Connected", { exact: true }));
      await lost.close();
      await again.stop();
    });
  });
});
