import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { contract, type OperationDescription, operations } from "@wuts/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import {
  type Browser,
  describeInBrowser,
  type Locator,
  otherHost,
  type Page,
  startBrowser,
  type Visit,
  visit,
} from "../../test-support/browser.ts";
import { at, listAt, textAt } from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const carla = "5511777777777";
const pictureOperation = "getContactProfilePicture";

describeInBrowser("The API page in a browser", () => {
  let world: World;
  let browser: Browser;
  let visited: Visit;
  beforeAll(async () => {
    browser = await startBrowser();
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    world.simulator.addAccount({ phone: carla, picture: { id: "1700000007" }, pictureBehaviour: "hidden" });
    await world.pairedDevice(owner);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  for (const width of [1280, 390]) {
    describe(`${width} pixels wide`, () => {
      beforeEach(async () => {
        visited = await visit(browser, `${world.url}/docs`, width);
      });
      afterEach(() => visited.close());

      it("shows the contract and an operation with its examples, and asks this server only", async () => {
        const { page, requests, complaints } = visited;
        await page.getByRole("heading", { level: 1, name: textAt(contract, "info", "title") }).waitFor();
        await page.getByText(world.url, { exact: true }).waitFor();
        await tokenField(page).waitFor();
        await screenshot(page, `top-${width}`);
        assert.equal(await overflow(page.locator("html")), 0);

        const section = await goTo(page, pictureOperation);
        await section.getByRole("tab", { name: "404" }).click();
        await section.getByText('"DEVICE_NOT_FOUND"').scrollIntoViewIfNeeded();
        await screenshot(page, `operation-${width}`);
        const card = section.locator('[aria-label="Example Responses"]');
        const first = await card.locator("pre").textContent();
        await card.getByTestId("example-picker").click();
        await options(page).nth(1).click();
        await until("another example", async () => {
          const seen = await card.locator("pre").textContent();
          return { found: seen?.includes('"error_code"') && seen !== first ? true : undefined, seen };
        });
        assert.equal(await overflow(page.locator("html")), 0);
        assert.equal(await overflow(section.getByRole("tablist")), 0);

        for (const link of await page.locator('a[href*="scalar.com"]').all()) {
          assert.equal(await link.isVisible(), false);
        }
        assert.ok(requests.some(({ url }) => url === `${world.url}/docs/contract.json`));
        assert.deepEqual(complaints, []);
      });

      it("asks for a picture with the token that was typed, and shows the answer, or the refusal", async () => {
        const { page, requests, complaints } = visited;
        await tokenField(page).fill(world.token);
        const client = await openClient(page, pictureOperation);
        const answer = client.getByRole("region", { name: "Response", exact: true });

        await sendNumber(client, ana);
        await answer.getByText("200 OK").waitFor();
        await answer.getByText('"1700000000"', { exact: true }).scrollIntoViewIfNeeded();
        await screenshot(page, `answer-${width}`);
        assert.deepEqual(complaints, []);

        await sendNumber(client, carla);
        await answer.getByText("404 Not Found").waitFor();
        await answer.getByText('"PICTURE_HIDDEN"', { exact: true }).scrollIntoViewIfNeeded();
        await screenshot(page, `refusal-${width}`);
        // Chromium's own line about each answer that is an error.
        assert.deepEqual(complaints, [
          "Failed to load resource: the server responded with a status of 404 (Not Found)",
        ]);

        const withToken = requests.filter(({ headers }) => JSON.stringify(headers).includes(world.token));
        assert.deepEqual(
          withToken.map(({ url, headers }) => [url, headers.authorization]),
          [ana, carla].map((number) => [
            `${world.url}/contacts/profile-picture?number=${number}`,
            `Bearer ${world.token}`,
          ]),
        );
      });
    });
  }

  describe("under another name of the server", () => {
    beforeEach(async () => {
      visited = await visit(browser, `${otherUrl()}/docs`);
    });
    afterEach(() => visited.close());
    const otherUrl = () => world.url.replace("127.0.0.1", otherHost);

    it("asks the server under that name, and keeps the token in the page only", async () => {
      const { page, requests, complaints } = visited;
      await page.getByText(otherUrl(), { exact: true }).waitFor();
      await tokenField(page).fill(world.token);
      await sendNumber(await openClient(page, pictureOperation), ana);
      await page.getByText("200 OK").waitFor();
      assert.equal(requests.at(-1)?.url, `${otherUrl()}/contacts/profile-picture?number=${ana}`);
      assert.deepEqual(complaints, []);

      const kept = await page.evaluate(
        "JSON.stringify([location.href, document.cookie, { ...localStorage }, { ...sessionStorage }])",
      );
      assert.ok(!String(kept).includes(world.token), String(kept));
      assert.deepEqual(await page.evaluate("indexedDB.databases()"), []);
      assert.deepEqual(
        requests.filter(({ url }) => url.includes(world.token)),
        [],
      );
      await page.reload();
      await tokenField(page).waitFor();
      assert.equal(await tokenField(page).inputValue(), "");
    });
  });

  for (const tag of new Set(operations.map((operation) => operation.tag))) {
    // Operations that were looked at stay on the page, and what a page takes for a click grows with them.
    describe(`for each operation of ${tag}`, () => {
      beforeAll(async () => {
        visited = await visit(browser, `${world.url}/docs`);
      });
      afterAll(async () => {
        await visited?.close();
      });

      for (const operation of operations.filter((each) => each.tag === tag)) showsAndPrepares(operation);
    });
  }

  function showsAndPrepares(operation: OperationDescription): void {
    it(`leads to ${operation.operationId} and shows all of its examples`, async () => {
      const { page, complaints } = visited;
      await press(page.locator(`a[href$="${addressOf(operation.operationId)}"]`).first());
      const section = sectionOf(page, operation.operationId);
      await section.getByRole("heading", { level: 3, name: summaryOf(operation) }).waitFor();
      await section.getByText(operation.path, { exact: true }).waitFor();
      for (const { status, contentType, examples } of operation.responses) {
        await press(section.getByRole("tab", { name: String(status) }));
        if (contentType === null) continue;
        await chooseType(section, contentType);
        const response = describedIn(operation, "responses", String(status), "content", contentType);
        await assertShown(
          section.locator('[aria-label="Example Responses"]'),
          examplesOf(response, examples),
        );
      }
      assert.deepEqual(complaints, []);
    });

    it(`prepares a request for ${operation.operationId} that sends what is needed only`, async () => {
      const section = await goTo(visited.page, operation.operationId);
      const request = section.getByRole("group", { name: /^Request Example/ });
      const [url = ""] = /https?:[^' \n]+/.exec((await request.locator("pre").textContent()) ?? "") ?? [];
      const needed = neededParameters(operation);
      for (const name of new URL(url).searchParams.keys()) assert.ok(needed.includes(name), name);
      const body = describedIn(operation, "requestBody", "content", "application/json");
      const names = Object.keys(Object(at(body, "examples")));
      assert.equal(names.length > 0, operation.hasBody);
      await assertShown(request, examplesOf(body, names));
    });
  }
});

const tokenField = (page: Page) => page.getByLabel("Bearer Token").first();

function tagOf(operationId: string): string {
  return operations.find((operation) => operation.operationId === operationId)?.tag ?? "";
}

const addressOf = (operationId: string) => `#tag/${tagOf(operationId)}/${operationId}`;

const sectionOf = (page: Page, operationId: string) =>
  page.locator(`section[id$="/tag/${tagOf(operationId)}/${operationId}"]`);

/** Sections are written when they come into view. @returns the one of this operation */
async function goTo(page: Page, operationId: string): Promise<Locator> {
  await page.goto(new URL(addressOf(operationId), page.url()).href);
  const section = sectionOf(page, operationId);
  await section.getByRole("button", { name: "Test Request" }).waitFor();
  return section;
}

/** Opens an operation's try-it-out. */
async function openClient(page: Page, operationId: string): Promise<Locator> {
  const section = await goTo(page, operationId);
  await section.getByRole("button", { name: "Test Request" }).click();
  return page.getByRole("dialog", { name: "API Client" });
}

/** Asks for the picture of this number, not of the JID that is proposed. */
async function sendNumber(client: Locator, number: string): Promise<void> {
  const row = (name: string) => client.locator(`tr[id="${name}"]`);
  // The box itself is drawn over.
  await row("jid").getByRole("checkbox").uncheck({ force: true });
  await row("number").getByRole("combobox", { name: "Value" }).fill(number);
  await client.getByRole("button", { name: /^Send get request/ }).click();
}

/**
 * Clicks without a mouse. That a mouse gets there too is shown once: hundreds of times it would take minutes, since it waits
 * for the page to be drawn.
 */
async function press(control: Locator): Promise<void> {
  await control.waitFor();
  await control.dispatchEvent("click");
}

/** What an open list offers. By role they would be looked for in the whole page, text by text. */
const options = (page: Page) => page.locator('[role="option"]');

/** Where an answer may be of several types, has its examples of this one shown. */
async function chooseType(section: Locator, contentType: string): Promise<void> {
  const types = section.getByRole("button", { name: /^Selected Content Type/ });
  if ((await types.count()) === 0) return;
  await press(types);
  await press(options(section.page()).filter({ hasText: contentType }).first());
}

/** Fails unless the card shows each of these examples when it is chosen. */
async function assertShown(card: Locator, examples: readonly unknown[]): Promise<void> {
  for (const [index, example] of examples.entries()) {
    if (examples.length > 1) {
      await card.getByTestId("example-picker").click();
      const options = card.page().getByRole("option");
      await options.nth(index).waitFor();
      assert.equal(await options.count(), examples.length);
      await options.nth(index).click();
    }
    await until(`the example ${JSON.stringify(example)}`, async () => {
      const seen = valueIn((await card.locator("pre").textContent()) ?? "");
      return { found: isDeepStrictEqual(seen, example) || undefined, seen };
    });
  }
}

/** @returns the JSON that is shown, also as the body of a curl line; else the text */
function valueIn(shown: string): unknown {
  const [, body] = /--data '(.*)'\s*$/s.exec(shown) ?? [];
  try {
    return JSON.parse(body?.replaceAll("'\\''", "'") ?? shown);
  } catch {
    return shown.trim();
  }
}

function examplesOf(media: unknown, names: readonly string[]): unknown[] {
  return names.map((name) => {
    const value = at(media, "examples", name, "value");
    return typeof value === "string" ? value.trim() : value;
  });
}

/** The names of query parameters that the contract asks for. */
function neededParameters(operation: OperationDescription): unknown[] {
  const parameters = listAt({ own: describedIn(operation, "parameters") ?? [] }, "own").map(resolved);
  const required = parameters.filter((parameter) => at(parameter, "required") === true);
  return [...required.map((parameter) => at(parameter, "name")), ...operation.requiresOneOf];
}

const summaryOf = (operation: OperationDescription) => String(describedIn(operation, "summary"));

/** What the contract has at a path inside of an operation, references followed. */
function describedIn({ path, method }: OperationDescription, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (inside, key) => resolved(at(inside, key)),
    at(contract, "paths", path, method),
  );
}

function resolved(value: unknown): unknown {
  const reference = at(value, "$ref");
  return typeof reference === "string" ? resolved(at(contract, ...reference.slice(2).split("/"))) : value;
}

/** @returns by how much the content is wider than its place, in CSS pixels */
function overflow(element: Locator): Promise<number> {
  return element.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
}

async function screenshot(page: Page, name: string): Promise<void> {
  const path = fileURLToPath(new URL(`../../../reports/docs-${name}.png`, import.meta.url));
  await page.screenshot({ path, animations: "disabled" });
}
