import assert from "node:assert/strict";
import { it } from "vitest";
import { type Locator, openSignedIn } from "./support/console.ts";
import { sandbox } from "./support/places.ts";
import { describeConsole } from "./support/world.ts";

/** Pages with something to press that may change something, and what one press is enough for. */
const pages: readonly (readonly [at: string, isThere: string, atOnce: readonly string[]])[] = [
  ["/devices", ".device .actions", []],
  // The link lets no user in before an admin hands it over.
  ["/users", ".card .actions", ["Sign-in link"]],
  ["/tokens", ".card .actions", []],
];

describeConsole("One press in the console", sandbox, openSignedIn, (here) => {
  for (const [at, isThere, atOnce] of pages) {
    it(`changes nothing on ${at} that a question should come before`, async () => {
      const { page, visited } = here;
      const { users } = here.place.wuts;
      for (const active of [true, false]) {
        const email = `${active ? "on" : "off"}-${at.slice(1)}@example.com`;
        const { user } = await users.create({ email, role: "user" });
        if (!active) await users.update({ user_id: user.id, active });
      }
      const changes = async () => {
        // What was sent before it is known by when it has come back.
        await page.evaluate("fetch('../health/live').then((answer) => answer.text())");
        return visited.requests.filter(({ method }) => method !== "GET").length;
      };
      await page.evaluate(`location.hash = ${JSON.stringify(at)}`);
      await page.locator(isThere).first().waitFor();
      const dialog = page.getByRole("dialog");
      const atOncePressed = new Set<string>();
      const press = async (control: Locator, key: string, name: string) => {
        const before = await changes();
        await control.focus();
        await page.keyboard.press(key);
        if ((await changes()) > before) atOncePressed.add(name);
        if (atOnce.includes(name)) await dialog.waitFor();
        if (await dialog.isVisible())
          await dialog.getByRole("button", { name: /^(Cancel|I have copied it)$/ }).click();
      };
      const buttons = await page.locator("main button:enabled").all();
      assert.ok(buttons.length > 1, "there is something to press");
      for (const button of buttons) await press(button, "Enter", (await button.textContent()) ?? "");
      // A letter picks from a list what begins with it.
      for (const list of await page.locator("main select:enabled").all()) await press(list, "m", "a list");
      assert.deepEqual([...atOncePressed], atOnce);
    });
  }
});
