import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { consoleLink } from "@wuts/sandbox";
import { assertShows } from "@wuts/server/test-support/browser";
import { it } from "vitest";
import { type ConsoleVisit, openConsole, signIn } from "./support/console.ts";
import { assertFlawless, keepScreenshot } from "./support/looks.ts";
import { sandbox } from "./support/places.ts";
import { describeConsole } from "./support/world.ts";

describeConsole("A sign-in link to the console", sandbox, openConsole, (here) => {
  const heading = (name: string) => here.page.getByRole("heading", { level: 1, name });
  const question = () => here.page.getByRole("dialog");
  const answer = (name: string) => question().getByRole("button", { name, exact: true }).click();

  /** A link for a new user. */
  async function linkOfUser() {
    const email = `${randomUUID()}@example.com`;
    const { user } = await here.place.wuts.users.create({
      email,
      role: "user",
    });
    const { code } = await here.place.wuts.tokens.createSignInCode({ user_id: user.id, expires_in: 600 });
    return { email, user, code, at: `/sign-in/${code}` };
  }

  /** Opens a link where the console is open already, as typing it into the address bar does. */
  const open = (at: string) => here.page.evaluate(`location.hash = ${JSON.stringify(at)}`);

  /** How often the console has asked for a token. */
  const redeemed = ({ requests }: ConsoleVisit = here.visited) =>
    requests.filter(({ method, url }) => method === "POST" && url.endsWith("/sign-in")).length;

  const consoleTokensOf = async (user_id: string) => {
    const { items } = await here.place.wuts.tokens.list({ user_id });
    return items.filter(({ name }) => name === "Console").length;
  };

  const whoIsIn = async () => {
    await here.page.getByRole("button", { name: "Account" }).click();
    const who = await here.page.locator(".who").textContent();
    await here.page.keyboard.press("Escape");
    return who;
  };

  it("asks whom it signs in before it does, and leaves no code in the address", async () => {
    const link = await linkOfUser();
    const guest = await openConsole(here.browser, here.place, { at: link.at });
    const asked = guest.page.getByRole("dialog", { name: `Sign in as ${link.email}?` });
    await assertShows(asked.getByText("Continue only if it was made for you"));
    await assertShows(asked.getByText("First tenant"));
    assert.ok(!guest.page.url().includes(link.code));
    for (const [width, colorScheme] of [
      [1280, "light"],
      [375, "light"],
      [375, "dark"],
    ] as const) {
      await guest.page.setViewportSize({ width, height: 900 });
      await guest.page.emulateMedia({ colorScheme });
      await assertFlawless(guest.page);
      await keepScreenshot(guest.page, `sign-in-link-${width}-${colorScheme}`, false);
    }
    assert.equal(redeemed(guest), 0);
    assert.equal(await consoleTokensOf(link.user.id), 0);
    await asked.getByRole("button", { name: "Sign in", exact: true }).click();
    await assertShows(guest.page.getByText("No WhatsApp account is linked yet."));
    assert.equal(await consoleTokensOf(link.user.id), 1);
    await guest.page.reload();
    await assertShows(guest.page.getByText("No WhatsApp account is linked yet."));
    const revoked = guest.page.waitForResponse((response) => response.request().method() === "DELETE");
    await guest.page.getByRole("button", { name: "Account" }).click();
    await guest.page.getByRole("button", { name: "Sign out" }).click();
    await revoked;
    assert.equal(await consoleTokensOf(link.user.id), 0);
    assert.deepEqual(guest.complaints(), []);
    await guest.close();
  });

  it("is as good as it was when the question is answered no, by Escape and by the button", async () => {
    const { hash } = new URL(await consoleLink(here.place));
    await open(hash.slice(1));
    await assertShows(question().getByText("Sign in as First admin?"));
    await here.page.keyboard.press("Escape");
    await question().waitFor({ state: "detached" });
    await assertShows(heading("Sign in"));
    await open(hash.slice(1));
    await assertShows(question().getByText("Sign in as First admin?"));
    await answer("Cancel");
    await question().waitFor({ state: "detached" });
    assert.equal(redeemed(), 0);
    await open(hash.slice(1));
    await answer("Sign in");
    await assertShows(heading("Devices"));
  });

  it("puts no user who is signed in already into another session without asking, whichever way it is opened", async () => {
    await signIn(here.page, here.place.token);
    await heading("Devices").waitFor();
    await here.page.getByRole("link", { name: "Pictures" }).click();
    await here.page.getByLabel("Phone number or JID").fill("half of a numb");
    const link = await linkOfUser();
    await open(link.at);
    await assertShows(question().getByText(`Sign in as ${link.email}?`));
    await assertShows(question().getByText("You are signed in here as First admin."));
    await keepScreenshot(here.page, "sign-in-link-while-signed-in", false);
    await answer("Cancel");
    assert.equal(await here.page.getByLabel("Phone number or JID").inputValue(), "half of a numb");

    const { origin, pathname } = new URL(here.page.url());
    await here.page.goto("about:blank");
    await here.page.goto(`${origin}${pathname}#${link.at}`);
    await assertShows(question().getByText(`Sign in as ${link.email}?`));
    await answer("Cancel");
    assert.match((await whoIsIn()) ?? "", /^Admin/);
    assert.equal(redeemed(), 0);

    await open(link.at);
    await answer("Sign in");
    await question().waitFor({ state: "detached" });
    await assertShows(here.page.getByText("No WhatsApp account is linked yet."));
    assert.match((await whoIsIn()) ?? "", new RegExp(`^${link.email}`));
    assert.equal(
      (await here.place.wuts.users.getMe()).user.role,
      "admin",
      "the token that was replaced works",
    );
  });

  it("ends the session that another link has begun, when it takes its place", async () => {
    const [first, second] = [await linkOfUser(), await linkOfUser()];
    await open(first.at);
    await answer("Sign in");
    await here.page.getByText("No WhatsApp account is linked yet.").waitFor();
    assert.equal(await consoleTokensOf(first.user.id), 1);
    await open(second.at);
    const revoked = here.page.waitForResponse((response) => response.request().method() === "DELETE");
    await answer("Sign in");
    await revoked;
    assert.equal(await consoleTokensOf(first.user.id), 0);
    assert.equal(await consoleTokensOf(second.user.id), 1);
  });

  it("says that it was used, and lets one sign in otherwise", async () => {
    const link = await linkOfUser();
    await here.place.wuts.tokens.signIn({ code: link.code });
    await open(link.at);
    await assertShows(question().getByText("This link was already used or has expired."));
    await assertFlawless(here.page);
    await keepScreenshot(here.page, "used-link", false);
    assert.equal(await question().getByRole("button", { name: "Sign in", exact: true }).count(), 0);
    await answer("Close");
    await signIn(here.page, here.place.token);
    await assertShows(heading("Devices"));
  });

  it("says so when another client has used it while it was asked about", async () => {
    const link = await linkOfUser();
    await open(link.at);
    await assertShows(question().getByText(`Sign in as ${link.email}?`));
    await here.place.wuts.tokens.signIn({ code: link.code });
    await answer("Sign in");
    await assertShows(question().getByText("This link was already used or has expired."));
  });
});
