import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { beforeEach, describe, it } from "vitest";
import { lookUp, signedInAt } from "./support/console.ts";
import { keepScreenshot } from "./support/looks.ts";
import { places, sandbox } from "./support/places.ts";
import { describeConsole } from "./support/world.ts";

/** Numbers that are answered so in the sandbox and by the mock, and the text that the user sees. */
const outcomes = [
  ["5511888888888", "There is no picture."],
  ["5511777777777", "The picture is hidden from this account."],
  ["5511444444444", "This number is not on WhatsApp."],
  ["5511666666666", "WhatsApp wants this account to slow down."],
  ["5511222222222", "WhatsApp sent a reply that the server does not understand."],
  ["5511555555555", "WhatsApp did not respond in time."],
  ["5511000000000", "The server failed. Its log has the details under the request id."],
  ["12", "The server does not accept this input."],
] as const;

const onePicture = signedInAt("/pictures/one");

for (const [name, start] of places) {
  describeConsole(`One picture in the console, on ${name}`, start, onePicture, (here) => {
    it("is shown, with its id, how long WhatsApp's link works, and a way to save it", async () => {
      await lookUp(here.page, "+55 (11) 99999-9999");
      await here.page.getByRole("img", { name: "Profile picture of +55 (11) 99999-9999" }).waitFor();
      const facts = here.page.locator("dl.found");
      await facts.getByText("5511999999999@s.whatsapp.net").waitFor();
      await facts.getByText(/^\w+$/).first().waitFor();
      assert.match((await facts.textContent()) ?? "", /Link valid until\w{3} \d+, \d{4}/);
      const [download] = await Promise.all([
        here.page.waitForEvent("download"),
        here.page.getByRole("link", { name: "Save the picture" }).click(),
      ]);
      const bytes = await readFile(await download.path());
      assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff], "a JPEG");
    });

    it("is the full one on request", async () => {
      await here.page.getByRole("radio", { name: "Full" }).check();
      await lookUp(here.page, "5511999999999");
      await here.page.locator(".picture-frame img").waitFor();
      const asked = here.visited.requests
        .map(({ url }) => url)
        .filter((url) => url.includes("/profile-picture"));
      assert.ok(asked.slice(-2).every((url) => url.includes("preview=false")));
      await here.page.getByRole("radio", { name: "Preview" }).check();
    });

    it("is found by the JID of a group", async () => {
      await lookUp(here.page, "120363039000000000@g.us");
      await here.page.getByRole("img", { name: "Profile picture of 120363039000000000@g.us" }).waitFor();
    });

    for (const [number, reported] of outcomes) {
      it(`is not there for ${number}: ${reported}`, async () => {
        await lookUp(here.page, number);
        const alert = here.page.getByRole("alert");
        await alert.getByText(reported).waitFor();
        assert.match((await alert.textContent()) ?? "", /Request [\w-]{8,}/);
      });
    }

    it("asks for a number before it asks the server", async () => {
      await lookUp(here.page, " ");
      await here.page.getByText("Enter a phone number or a JID.").waitFor();
    });
  });
}

describeConsole("Pictures in the console, on the sandbox", sandbox, onePicture, (here) => {
  describe("the request", () => {
    const sampleOf = async (name: string) => {
      const sample = here.page.locator(".sample").filter({ has: here.page.getByRole("heading", { name }) });
      return (await sample.locator("pre").textContent()) ?? "";
    };

    it("as curl answers the same, and has no token in it", async () => {
      await lookUp(here.page, "+55 11 99999-9999");
      await here.page.getByText("The request").click();
      const command = await sampleOf("With curl");
      assert.ok(!command.includes(here.place.token));
      const env = { ...process.env, WUTS_TOKEN: here.place.token };
      const { stdout } = await promisify(execFile)("sh", ["-c", `${command} --silent`], { env });
      assert.equal(JSON.parse(stdout).data.jid, "5511999999999@s.whatsapp.net");
    });

    it("as SDK code runs, and answers the same", async () => {
      await lookUp(here.page, "5511999999999");
      await here.page.getByText("The request").click();
      const code = `${await sampleOf("With the SDK")}\nconsole.log(JSON.stringify(picture));`;
      assert.ok(!code.includes(here.place.token));
      const env = { ...process.env, WUTS_TOKEN: here.place.token };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--input-type=module", "--eval", code],
        { env, cwd: import.meta.dirname },
      );
      const [printed, answer = ""] = stdout.trim().split("\n");
      const { jid, url } = JSON.parse(answer);
      assert.deepEqual([jid, url], ["5511999999999@s.whatsapp.net", printed]);
    });
  });

  describe("many at once", () => {
    const many = Array.from({ length: 200 }, (_, index) => `+55 11 93000-0${String(index).padStart(3, "0")}`);

    beforeEach(() => here.page.getByRole("link", { name: "Many at once" }).click());

    it("finds 200 out of a column that was pasted, each with a picture or a reason", async () => {
      await here.page.getByLabel(/one per line/).fill(many.join("\n"));
      await here.page.getByText("200 entries", { exact: true }).waitFor();
      await here.page.getByRole("button", { name: "Find the pictures" }).click();
      await here.page.getByText("200 of 200").waitFor();
      await here.page.getByText("140 found, 60 without a picture").first().waitFor();
      const tiles = here.page.locator(".avatar");
      assert.equal(await tiles.count(), 200);
      await tiles.nth(7).getByText("There is no picture.").waitFor();
      await tiles.nth(8).getByText("The picture is hidden from this account.").waitFor();
      await tiles.nth(9).getByText("This number is not on WhatsApp.").waitFor();
      await here.page
        .getByRole("img", { name: "Profile picture of +55 11 93000-0000", exact: true })
        .waitFor();
      await tiles.nth(196).scrollIntoViewIfNeeded();
      await here.page
        .getByRole("img", { name: "Profile picture of +55 11 93000-0196", exact: true })
        .waitFor();
      await tiles.first().scrollIntoViewIfNeeded();
      await here.page.evaluate("scrollTo(0, 0)");
      await keepScreenshot(here.page, "many", false);

      const [download] = await Promise.all([
        here.page.waitForEvent("download"),
        here.page.getByRole("button", { name: "Download as CSV" }).click(),
      ]);
      const csv = await readFile(await download.path(), "utf8");
      const lines = csv.trimEnd().split("\n");
      assert.equal(lines.length, 201);
      assert.equal(lines[0], "\ufeffinput,jid,picture_id,url,expires_at,error_code,error");
      assert.match(lines[1] ?? "", /^\+55 11 93000-0000,5511930000000@s\.whatsapp\.net,1800000000,http/);
      assert.match(lines[8] ?? "", /^\+55 11 93000-0007,,,,,PICTURE_NOT_SET,/);
    });

    it("takes a CSV file with other columns, whose lines without anybody it counts", async () => {
      const csv =
        "Nome;Telefone;Cidade\nAna;+55 11 99999-9999;São Paulo\nCarla;5511777777777;\nAna;5511999999999;\nJosé;;\n";
      await here.page.getByLabel("Choose a CSV file").setInputFiles({
        name: "people.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(csv),
      });
      await here.page.getByText("2 entries · 1 duplicate · 2 lines without a number or JID").waitFor();
      await here.page.getByRole("button", { name: "Find the pictures" }).click();
      await here.page.getByText("1 found, 1 without a picture").first().waitFor();
    });

    it("takes a CSV file that is dropped", async () => {
      const dropped = await here.page.evaluateHandle(`(() => {
        const data = new DataTransfer();
        data.items.add(new File(["phone\\n5511999999999\\n5511777777777"], "people.csv", { type: "text/csv" }));
        return data;
      })()`);
      await here.page.locator(".source").dispatchEvent("drop", { dataTransfer: dropped });
      await here.page.getByText("2 entries · 1 line without a number or JID").waitFor();
    });

    it("says of what is no number after all that it is none, and finds the others", async () => {
      await here.page.getByLabel(/one per line/).fill("0055 11 99999-9999\n12345678901234567\n5511777777777");
      await here.page.getByRole("button", { name: "Find the pictures" }).click();
      await here.page.getByText("1 found, 2 without a picture").first().waitFor();
      await here.page.getByText("This is not a phone number or JID.").waitFor();
    });

    it("can be stopped", async () => {
      await here.page.getByLabel(/one per line/).fill(`${many.join("\n")}\n5511555555555`);
      await here.page.getByRole("button", { name: "Find the pictures" }).click();
      await here.page.getByRole("button", { name: "Stop" }).click();
      await here.page
        .getByRole("button", { name: "Find the pictures" })
        .and(here.page.locator(":enabled"))
        .waitFor();
      assert.equal(await here.page.getByRole("alert").count(), 0);
    });
  });
});
