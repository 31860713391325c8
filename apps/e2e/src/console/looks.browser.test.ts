import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { lookUp, openConsole, openSignedIn, type Page } from "./support/console.ts";
import { assertFlawless, keepScreenshot, layoutShifts } from "./support/looks.ts";
import { places } from "./support/places.ts";
import { describeInWorld } from "./support/world.ts";

/** Every page, and how to see that it is there. */
const pages: readonly (readonly [name: string, at: string, isThere: (page: Page) => Promise<void>])[] = [
  ["devices", "/devices", (page) => page.locator(".device dl").first().waitFor()],
  ["add-device", "/devices/new", (page) => page.locator("input[name=name]").waitFor()],
  ["one-picture", "/pictures/one", (page) => page.locator("input[name=who]").waitFor()],
  ["many-pictures", "/pictures/many", (page) => page.locator("textarea").waitFor()],
  ["users", "/users", (page) => page.locator(".card .actions").first().waitFor()],
  ["tokens", "/tokens", (page) => page.locator(".card code").first().waitFor()],
  ["audit", "/audit", (page) => page.locator(".entry").first().waitFor()],
];

const looks = [
  { name: "360", width: 360, colorScheme: "light", locale: "en-US" },
  { name: "360-dark-pt", width: 360, colorScheme: "dark", locale: "pt-BR" },
  { name: "1600", width: 1600, colorScheme: "light", locale: "en-US" },
  { name: "1600-dark-pt", width: 1600, colorScheme: "dark", locale: "pt-BR" },
] as const;

for (const [where, start] of places) {
  describeInWorld(`The looks of the console, on ${where}`, start, (world) => {
    const keep = (page: Page, name: string) =>
      where === "the sandbox" ? keepScreenshot(page, name) : Promise.resolve();

    // What is drawn is the same on both; on the mock it is enough to see that its answers are drawn, too.
    const seen =
      where === "the sandbox" ? looks : looks.filter(({ name }) => ["360", "1600-dark-pt"].includes(name));
    for (const { name: look, ...preferences } of seen) {
      describe(`${preferences.width} pixels wide, ${preferences.colorScheme}, in ${preferences.locale}`, () => {
        it("is flawless before a user is signed in", async () => {
          const { page, complaints, close } = await openConsole(world.browser, world.place, preferences);
          await page.locator("input[name=token]").waitFor();
          await assertFlawless(page);
          await keep(page, `sign-in-${look}`);
          assert.deepEqual(complaints(), []);
          await close();
        });

        it("is flawless on every page, and nothing on them moves by itself", async () => {
          const { page, complaints, close } = await openSignedIn(world.browser, world.place, preferences);
          for (const [name, at, isThere] of pages) {
            await page.evaluate(`location.hash = ${JSON.stringify(at)}`);
            await isThere(page);
            await assertFlawless(page);
            await keep(page, `${name}-${look}`);
          }
          assert.deepEqual(await layoutShifts(page), []);
          assert.deepEqual(complaints(), []);
          await close();
        });

        if (preferences.locale === "en-US") {
          it("is flawless with a picture that was found, one that was not, and many", async () => {
            const { page, close } = await openSignedIn(world.browser, world.place, {
              ...preferences,
              at: "/pictures/one",
            });
            await lookUp(page, "5511999999999");
            await page.locator(".picture-frame img").waitFor();
            await page.getByText("The request").click();
            await assertFlawless(page);
            await keep(page, `found-${look}`);
            if (where === "the sandbox") assert.deepEqual(await layoutShifts(page), []);
            await lookUp(page, "5511777777777");
            await page.getByRole("alert").waitFor();
            await assertFlawless(page);
            await keep(page, `hidden-${look}`);
            // The mock answers for the contacts of its examples.
            if (where === "the mock") return close();
            await page.evaluate("location.hash = '/pictures/many'");
            await page.getByLabel(/one per line/).fill("5511999999999\n5511777777777\n5511888888888");
            await page.getByRole("button", { name: "Find the pictures" }).click();
            await page.locator(".avatar-frame img").first().waitFor();
            await page
              .getByRole("button", { name: "Find the pictures" })
              .and(page.locator(":enabled"))
              .waitFor();
            await assertFlawless(page);
            await keep(page, `some-${look}`);
            await close();
          });
        }
      });
    }

    it("is flawless in its windows over the page", async () => {
      const { page, close } = await openSignedIn(world.browser, world.place, { at: "/users" });
      await page.getByRole("button", { name: "Account" }).click();
      await page.getByRole("button", { name: "Sign out" }).waitFor();
      await assertFlawless(page);
      if (where === "the sandbox") await keepScreenshot(page, "account", false);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Add a user" }).click();
      await page.getByRole("dialog").waitFor();
      await assertFlawless(page);
      await close();
    });
  });
}
