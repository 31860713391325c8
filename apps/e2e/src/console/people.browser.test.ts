import assert from "node:assert/strict";
import { createWuts } from "@wuts/client";
import { it } from "vitest";
import { openConsole, openSignedIn, signedInAt } from "./support/console.ts";
import { assertFlawless, keepScreenshot } from "./support/looks.ts";
import { sandbox } from "./support/places.ts";
import { describeConsole } from "./support/world.ts";

const email = "rita@example.com";

describeConsole("Users in the console", sandbox, signedInAt("/users"), (here) => {
  const card = (name: string) =>
    here.page.getByRole("listitem").filter({ has: here.page.getByRole("heading", { name, exact: true }) });
  const dialog = () => here.page.getByRole("dialog");

  it("are added, with a token that is shown this once and works", async () => {
    await here.page.getByRole("button", { name: "Add a user" }).click();
    await dialog().getByLabel("E-mail address").fill("taken@example.com");
    assert.equal(await here.page.locator("input[type=password]").count(), 0, "nothing takes a password");
    await dialog().getByRole("button", { name: "Add" }).click();
    await dialog().getByText("This e-mail address is already in use.").waitFor();
    await dialog().getByLabel("E-mail address").fill(email);
    await dialog().getByRole("button", { name: "Add" }).click();
    const secret = dialog().getByLabel("New token", { exact: true });
    await secret.waitFor();
    const token = (await secret.textContent()) ?? "";
    const { user } = await createWuts({ baseUrl: here.place.url, token }).users.getMe();
    assert.equal(user.email, email);
    await keepScreenshot(here.page, "token-once", false);
    await dialog().getByRole("button", { name: "I have copied it" }).click();
    await card(email).waitFor();
    assert.ok(!(await here.page.content()).includes(token));
  });

  it("get a link that signs them in", async () => {
    await card(email).getByRole("button", { name: "Sign-in link" }).click();
    const link = (await dialog().getByLabel("Sign-in link", { exact: true }).textContent()) ?? "";
    const guest = await openConsole(here.browser, here.place, { at: new URL(link).hash.slice(1) });
    await guest.page.getByRole("dialog").getByRole("button", { name: "Sign in", exact: true }).click();
    await guest.page.getByText("No WhatsApp account is linked yet.").waitFor();
    await guest.close();
    await dialog().getByRole("button", { name: "I have copied it" }).click();
  });

  it("get another role after a question that says what it allows", async () => {
    const rita = card(email);
    await rita.getByRole("button", { name: "Change role" }).click();
    await dialog().getByText("Uses all devices of the tenant").waitFor();
    for (const [width, colorScheme] of [
      [1280, "light"],
      [375, "light"],
      [375, "dark"],
    ] as const) {
      await here.page.setViewportSize({ width, height: 900 });
      await here.page.emulateMedia({ colorScheme });
      await assertFlawless(here.page);
      await keepScreenshot(here.page, `change-role-${width}-${colorScheme}`, false);
    }
    const change = dialog().getByRole("button", { name: /^Change / });
    assert.ok(await change.isDisabled(), "they have that role");
    await dialog().getByRole("radio", { name: "Admin" }).check();
    await change.and(here.page.getByText("Change to Admin")).waitFor();
    await here.page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await rita.getByText("User", { exact: true }).waitFor();
    await rita.getByRole("button", { name: "Change role" }).click();
    await dialog().getByRole("radio", { name: "Manager" }).check();
    await change.click();
    await rita.getByText("Manager", { exact: true }).waitFor();
  });

  it("cannot pick their own role", async () => {
    const mine = card("First admin");
    await mine.getByText("Admin", { exact: true }).waitFor();
    assert.ok(await mine.getByRole("button", { name: "Change role" }).isDisabled());
    assert.equal(await mine.getByRole("combobox").count(), 0);
  });

  it("are switched off and on, and are deleted after a question", async () => {
    const rita = card(email);
    await rita.getByRole("button", { name: "Disable" }).click();
    await dialog().getByRole("button", { name: "Disable" }).click();
    await rita.getByText("Disabled", { exact: true }).waitFor();
    await rita.getByRole("button", { name: "Enable" }).click();
    await dialog().getByText("tokens work again at once").waitFor();
    await dialog().getByRole("button", { name: "Enable" }).click();
    await rita.getByText("Disabled", { exact: true }).waitFor({ state: "detached" });
    await rita.getByRole("button", { name: "Delete" }).click();
    await dialog().getByText("their tokens stop working at once").waitFor();
    await dialog().getByRole("button", { name: "Delete" }).click();
    await rita.waitFor({ state: "detached" });
  });

  it("have tokens, which are made with an end and revoked", async () => {
    await card("taken@example.com").getByRole("link", { name: "Tokens" }).click();
    await here.page.getByRole("heading", { level: 1, name: "Tokens of taken@example.com" }).waitFor();
    await here.page.getByRole("button", { name: "Create a token" }).click();
    await dialog().getByLabel("Name").fill("Integration");
    await dialog().getByLabel("Valid for").selectOption("1 year");
    await dialog().getByRole("button", { name: "Create" }).click();
    await dialog().getByLabel("New token", { exact: true }).waitFor();
    await dialog().getByRole("button", { name: "I have copied it" }).click();
    const token = card("Integration");
    await token.getByText(String(new Date().getFullYear() + 1)).waitFor();
    await token.getByRole("button", { name: "Revoke" }).click();
    await dialog().getByRole("button", { name: "Revoke" }).click();
    await token.waitFor({ state: "detached" });
  });

  it("are in the audit trail with what they did", async () => {
    await here.page.getByRole("link", { name: "Audit trail" }).click();
    await here.page.getByText("First admin deleted a user").first().waitFor();
    await here.page.getByText("First admin created a token").first().waitFor();
    await here.page.getByText("Device Device 1").first().waitFor();
    // With the link that they got: no other user can tell who opened it.
    await here.page.getByText("First admin as a deleted user created a token").first().waitFor();
  });

  it("are in the audit trail with what was refused to them, in the visitor's language", async () => {
    const admin = createWuts({ baseUrl: here.place.url, token: here.place.token });
    const user = { email: "nina@example.com", role: "user" } as const;
    const { token } = await admin.users.create(user);
    const own = createWuts({ baseUrl: here.place.url, token });
    // Past what the trail has entries for, so that one says how many more there were.
    for (let times = 0; times < 25; times += 1) {
      await assert.rejects(own.users.list(), { code: "FORBIDDEN" });
    }
    await here.page.getByRole("link", { name: "Audit trail" }).click();
    const refused = "nina@example.com was denied access because of their role listUsers";
    await here.page.getByText(refused).first().waitFor();
    const guest = await openSignedIn(here.browser, here.place, { at: "/audit", locale: "pt-BR" });
    const inPortuguese = "nina@example.com foi recusado no que seu papel não permite listUsers";
    await guest.page.getByText(inPortuguese).first().waitFor();
    await guest.close();
  });
});
