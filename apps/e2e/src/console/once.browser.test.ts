import assert from "node:assert/strict";
import { assertShows } from "@wuts/server/test-support/browser";
import { beforeEach, describe, it } from "vitest";
import { signedInAt } from "./support/console.ts";
import { assertFlawless, keepScreenshot } from "./support/looks.ts";
import { sandbox } from "./support/places.ts";
import { describeConsole } from "./support/world.ts";

/** Everything that the console shows this once, and how an admin comes to it from the page of the users. */
const secrets = [
  {
    title: "New token",
    of: "a person who was added",
    name: "token-once",
    steps: ["Add a user", "Add"],
    fields: { "E-mail address": "ines@example.com" },
  },
  {
    title: "New token",
    of: "oneself",
    name: "own-token-once",
    steps: ["Create a token", "Create"],
    fields: { Name: "CI" },
  },
  { title: "Sign-in link", of: "a person", name: "link-once", steps: ["Sign-in link"], fields: {} },
] as const;

describeConsole("What the console shows once", sandbox, signedInAt("/users"), (here) => {
  const dialog = () => here.page.getByRole("dialog");

  for (const { title, of, name, steps, fields } of secrets) {
    describe(`a ${title.toLowerCase()} of ${of}`, () => {
      let secret: string;
      let count = 0;
      const shown = () => dialog().getByLabel(title, { exact: true });
      const stays = async () => assert.equal(await shown().textContent(), secret);
      beforeEach(async () => {
        await here.page.getByRole("link", { name: "Audit trail" }).click();
        await here.page.getByRole("link", { name: "Users" }).click();
        if (of === "oneself") {
          await here.page.getByRole("button", { name: "Account" }).click();
          await here.page.getByRole("link", { name: "Your tokens" }).click();
        }
        const [first, second] = steps;
        await here.page.getByRole("button", { name: first }).first().click();
        for (const [label, value] of Object.entries(fields))
          await dialog()
            .getByLabel(label)
            .fill(value.replace("@", `-${count}@`));
        count += 1;
        if (second) await dialog().getByRole("button", { name: second, exact: true }).click();
        await shown().waitFor();
        secret = (await shown().textContent()) ?? "";
        assert.notEqual(secret, "");
      });

      it("goes neither by Escape nor by a click beside it nor by going back, but when the user has it", async () => {
        await here.page.keyboard.press("Escape");
        await stays();
        await here.page.keyboard.press("Escape");
        await here.page.keyboard.press("Escape");
        await stays();
        assert.ok(await shown().isVisible());
        await here.page.mouse.click(5, 5);
        await stays();
        const { hash } = new URL(here.page.url());
        await here.page.evaluate("history.back()");
        await here.page.waitForURL((url) => url.hash !== hash);
        await stays();
        assert.ok(await shown().isVisible());
        for (const [width, colorScheme] of [
          [1280, "light"],
          [375, "light"],
          [375, "dark"],
        ] as const) {
          await here.page.setViewportSize({ width, height: 900 });
          await here.page.emulateMedia({ colorScheme });
          await assertFlawless(here.page);
          await keepScreenshot(here.page, `${name}-${width}-${colorScheme}`, false);
        }
        await dialog().getByRole("button", { name: "I have copied it" }).click();
        await dialog().waitFor({ state: "detached" });
        assert.ok(!(await here.page.content()).includes(secret));
      });

      it("has the browser ask before the page goes, and no longer than it is shown", async () => {
        const asked = here.page.waitForEvent("dialog");
        // It stays open until the question is answered.
        const reloaded = here.page.evaluate("location.reload()").catch(() => undefined);
        const question = await asked;
        assert.equal(question.type(), "beforeunload");
        await question.dismiss();
        await reloaded;
        await stays();
        await dialog().getByRole("button", { name: "I have copied it" }).click();
        await dialog().waitFor({ state: "detached" });
        await here.page.reload();
        await assertShows(here.page.getByRole("navigation").first());
      });
    });
  }
});
