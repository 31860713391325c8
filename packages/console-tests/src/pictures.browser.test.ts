import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { type Browser, describeInBrowser } from "@wuts/server/test-support/browser";
import { afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import { type ConsoleVisit, lookUp, openSignedIn, type Page } from "./support/console.ts";
import { keepScreenshot } from "./support/looks.ts";
import { type Place, places, sandbox } from "./support/places.ts";
import { startedWorld } from "./support/world.ts";

/** Numbers that are answered so in the sandbox and by the mock, and what somebody is told. */
const outcomes = [
  ["5511888888888", "They have no picture."],
  ["5511777777777", "They hide their picture from this account."],
  ["5511444444444", "This number is not on WhatsApp."],
  ["5511666666666", "WhatsApp wants this account to slow down."],
  ["5511222222222", "WhatsApp gave an answer that makes no sense."],
  ["5511555555555", "WhatsApp did not answer in time."],
  ["5511000000000", "The server has failed. Its log says more, under the request's id."],
  ["12", "The server does not take what was filled in."],
] as const;

for (const [name, start] of places) {
  describeInBrowser(`One picture in the console, on ${name}`, () => {
    let browser: Browser;
    let place: Place;
    let visited: ConsoleVisit;
    let page: Page;
    const world = startedWorld(start);
    beforeAll(async () => {
      ({ browser, place } = world());
      visited = await openSignedIn(browser, place, { at: "/pictures/one" });
      page = visited.page;
    });
    afterEach(() => assert.deepEqual(visited.complaints(), []));

    it("is shown, with its id, how long WhatsApp's link works, and a way to save it", async () => {
      await lookUp(page, "+55 (11) 99999-9999");
      await page.getByRole("img", { name: "Profile picture of +55 (11) 99999-9999" }).waitFor();
      const facts = page.locator("dl.found");
      await facts.getByText("5511999999999@s.whatsapp.net").waitFor();
      await facts.getByText(/^\w+$/).first().waitFor();
      assert.match((await facts.textContent()) ?? "", /Link works until\w{3} \d+, \d{4}/);
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Save the picture" }).click(),
      ]);
      const bytes = await readFile(await download.path());
      assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff], "a JPEG");
    });

    it("is the full one on request", async () => {
      await page.getByRole("radio", { name: "Full" }).check();
      await lookUp(page, "5511999999999");
      await page.locator(".picture-frame img").waitFor();
      const asked = visited.requests.map(({ url }) => url).filter((url) => url.includes("/profile-picture"));
      assert.ok(asked.slice(-2).every((url) => url.includes("preview=false")));
      await page.getByRole("radio", { name: "Preview" }).check();
    });

    it("is found by the JID of a group", async () => {
      await lookUp(page, "120363039000000000@g.us");
      await page.getByRole("img", { name: "Profile picture of 120363039000000000@g.us" }).waitFor();
    });

    for (const [number, told] of outcomes) {
      it(`is not there for ${number}: ${told}`, async () => {
        await lookUp(page, number);
        const alert = page.getByRole("alert");
        await alert.getByText(told).waitFor();
        assert.match((await alert.textContent()) ?? "", /Request [\w-]{8,}/);
      });
    }

    it("asks for a number before it asks the server", async () => {
      await lookUp(page, " ");
      await page.getByText("Type a phone number or a JID.").waitFor();
    });
  });
}

describeInBrowser("Pictures in the console, on the sandbox", () => {
  let browser: Browser;
  let place: Place;
  let visited: ConsoleVisit;
  let page: Page;
  const world = startedWorld(sandbox);
  beforeAll(() => {
    ({ browser, place } = world());
  });
  beforeEach(async () => {
    visited = await openSignedIn(browser, place, { at: "/pictures/one" });
    page = visited.page;
  });
  afterEach(async () => {
    assert.deepEqual(visited.complaints(), []);
    await visited.close();
  });

  describe("the request", () => {
    const sampleOf = async (name: string) => {
      const sample = page.locator(".sample").filter({ has: page.getByRole("heading", { name }) });
      return (await sample.locator("pre").textContent()) ?? "";
    };

    it("as curl answers the same, and has no token in it", async () => {
      await lookUp(page, "+55 11 99999-9999");
      await page.getByText("The request").click();
      const command = await sampleOf("With curl");
      assert.ok(!command.includes(place.token));
      const env = { ...process.env, WUTS_TOKEN: place.token };
      const { stdout } = await promisify(execFile)("sh", ["-c", `${command} --silent`], { env });
      assert.equal(JSON.parse(stdout).data.jid, "5511999999999@s.whatsapp.net");
    });

    it("as SDK code runs, and answers the same", async () => {
      await lookUp(page, "5511999999999");
      await page.getByText("The request").click();
      const code = `${await sampleOf("With the SDK")}\nconsole.log(JSON.stringify(picture));`;
      assert.ok(!code.includes(place.token));
      const env = { ...process.env, WUTS_TOKEN: place.token };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--input-type=module", "--eval", code],
        { env, cwd: import.meta.dirname },
      );
      assert.equal(JSON.parse(stdout).jid, "5511999999999@s.whatsapp.net");
    });
  });

  describe("many at once", () => {
    const many = Array.from({ length: 200 }, (_, index) => `+55 11 93000-0${String(index).padStart(3, "0")}`);

    beforeEach(() => page.getByRole("link", { name: "Many at once" }).click());

    it("finds 200 out of a column that was pasted, each with a picture or a reason", async () => {
      await page.getByLabel(/one per line/).fill(many.join("\n"));
      await page.getByText("200 people", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Find the pictures" }).click();
      await page.getByText("200 of 200").waitFor();
      await page.getByText("140 found, 60 without a picture").first().waitFor();
      const tiles = page.locator(".avatar");
      assert.equal(await tiles.count(), 200);
      await tiles.nth(7).getByText("They have no picture.").waitFor();
      await tiles.nth(8).getByText("They hide their picture from this account.").waitFor();
      await tiles.nth(9).getByText("This number is not on WhatsApp.").waitFor();
      await page.getByRole("img", { name: "Profile picture of +55 11 93000-0000", exact: true }).waitFor();
      await tiles.nth(196).scrollIntoViewIfNeeded();
      await page.getByRole("img", { name: "Profile picture of +55 11 93000-0196", exact: true }).waitFor();
      await tiles.first().scrollIntoViewIfNeeded();
      await page.evaluate("scrollTo(0, 0)");
      await keepScreenshot(page, "many", false);

      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Download as CSV" }).click(),
      ]);
      const csv = await readFile(await download.path(), "utf8");
      const lines = csv.trimEnd().split("\n");
      assert.equal(lines.length, 201);
      assert.equal(lines[0], "\ufeffinput,jid,id,url,expires_at,error_code,error");
      assert.match(lines[1] ?? "", /^\+55 11 93000-0000,5511930000000@s\.whatsapp\.net,1800000000,http/);
      assert.match(lines[8] ?? "", /^\+55 11 93000-0007,,,,,PICTURE_NOT_SET,/);
    });

    it("takes a CSV file with other columns, whose lines without anybody it counts", async () => {
      const csv =
        "Nome;Telefone;Cidade\nAna;+55 11 99999-9999;São Paulo\nCarla;5511777777777;\nAna;5511999999999;\nJosé;;\n";
      await page.getByLabel("Choose a CSV file").setInputFiles({
        name: "people.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(csv),
      });
      await page.getByText("2 people · 1 was there twice · 2 lines have no number or JID in them").waitFor();
      await page.getByRole("button", { name: "Find the pictures" }).click();
      await page.getByText("1 found, 1 without a picture").first().waitFor();
    });

    it("takes a CSV file that is dropped", async () => {
      const dropped = await page.evaluateHandle(`(() => {
        const data = new DataTransfer();
        data.items.add(new File(["phone\\n5511999999999\\n5511777777777"], "people.csv", { type: "text/csv" }));
        return data;
      })()`);
      await page.locator(".source").dispatchEvent("drop", { dataTransfer: dropped });
      await page.getByText("2 people · 1 line has no number or JID in it").waitFor();
    });

    it("says of what is no number after all that it is none, and finds the others", async () => {
      await page.getByLabel(/one per line/).fill("0055 11 99999-9999\n12345678901234567\n5511777777777");
      await page.getByRole("button", { name: "Find the pictures" }).click();
      await page.getByText("1 found, 2 without a picture").first().waitFor();
      await page.getByText("This is no phone number or JID.").waitFor();
    });

    it("can be stopped", async () => {
      await page.getByLabel(/one per line/).fill(`${many.join("\n")}\n5511555555555`);
      await page.getByRole("button", { name: "Find the pictures" }).click();
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByRole("button", { name: "Find the pictures" }).and(page.locator(":enabled")).waitFor();
      assert.equal(await page.getByRole("alert").count(), 0);
    });
  });
});
