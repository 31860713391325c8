import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPrintedCurls } from "@wuts/testing/printed-curls";
import { describe, it, type TestContext } from "vitest";
import { caller, json } from "../test/call.ts";
import { smallContract } from "../test/small-contract.ts";
import { startMock } from "./mock.ts";
import { listOutcomes } from "./outcomes/outcomes.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

describe("npm run mock", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`says where it listens and what it answers by itself, and ends well on ${signal}`, async (t) => {
      const { child, url, output } = await started(t);
      assert.equal((await fetch(`${url}/health/live`)).status, 200);
      const row = /^GET \/contacts\/profile-picture +number=5511888888888 +404 PICTURE_NOT_SET +\S.*$/m;
      assert.match(output(), row);
      assert.match(output(), /^request +with +answers +what it shows$/m);
      assert.match(output(), /Prefer: code=…, example=….*--outcomes/);
      child.kill(signal);
      assert.deepEqual(await once(child, "exit"), [0, null]);
    });
  }

  it("prints curl lines that work as they are pasted", async (t) => {
    const { output } = await started(t);
    const curls = await runPrintedCurls(output());
    assert.deepEqual([...new Set(curls.map(({ status }) => status))], [200], output());
  });

  it("lists every outcome with what chooses it, and those of some requests", async () => {
    const all = await listed();
    const rows = all.split("\n").length - 1;
    assert.equal(rows, listOutcomes().length + 1);
    const row = /^GET \/qr +Prefer: code=504, example=whatsapp-timeout +WHATSAPP_TIMEOUT +\S/m;
    assert.match(all, row);
    const some = await listed("GET /qr", "/audit");
    assert.match(some, row);
    assert.match(some, /^GET \/audit +Prefer: code=200/m);
    assert.doesNotMatch(some, /\/devices/);
  });

  it("names what it does not know, and what there is", async () => {
    const { code, error } = await failed(run({}, "--colour"));
    assert.deepEqual([code, error.split("\n").length], [1, 2]);
    assert.match(error, /--colour.*There is --outcomes/);
  });

  it("has the console, which asks this mock, and says where", async (t) => {
    const { url, output } = await started(t);
    assert.ok(output().includes(`The console is at ${url}/console/\n`));
    const page = await fetch(`${url}/console`);
    assert.deepEqual([page.status, page.url], [200, `${url}/console/`]);
    assert.match(
      page.headers.get("content-security-policy") ?? "",
      /^default-src 'none'; script-src 'self';/,
    );
    const text = await page.text();
    assert.match(text, /<meta name="wuts-phone" content=""/);
    const [, script = ""] = /src="(\.\/assets\/[^"]+\.js)"/.exec(text) ?? [];
    const { status, headers } = await fetch(new URL(script, page.url));
    assert.deepEqual([status, headers.get("cache-control")], [200, "public, max-age=31536000, immutable"]);
    const nothing = await caller(url)("/console/nothing.js");
    assert.equal(nothing.status, 404);
    assert.match(JSON.stringify(nothing.body), /"error_code":"NOT_FOUND"/);
  });

  for (const port of ["abc", "70000", "-1", ""]) {
    it(`does not start with WUTS_MOCK_PORT=${JSON.stringify(port)}, and names the setting`, async () => {
      const { code, error } = await failed(run({ WUTS_MOCK_PORT: port }));
      assert.equal(code, 1);
      assert.match(error, /^WUTS_MOCK_PORT must be a port/);
    });
  }

  it("does not start with WUTS_MOCK_CORS_ORIGINS that are none, and names the setting", async () => {
    const { code, error } = await failed(run({ WUTS_MOCK_CORS_ORIGINS: "app.test" }));
    assert.equal(code, 1);
    assert.match(error, /^WUTS_MOCK_CORS_ORIGINS must be \* alone, or origins/);
  });

  it("lets only those pages read that WUTS_MOCK_CORS_ORIGINS names", async (t) => {
    const { url } = await started(t, { WUTS_MOCK_CORS_ORIGINS: "https://app.test" });
    for (const [origin, allowed] of [
      ["https://app.test", "https://app.test"],
      ["https://other.test", null],
    ] as const) {
      const { headers } = await fetch(`${url}/health/live`, { headers: { Origin: origin } });
      assert.equal(headers.get("access-control-allow-origin"), allowed);
    }
  });

  it("does not start on a port that is taken, and names the setting", async () => {
    const mock = await startMock({ port: 0 });
    const { code, error } = await failed(run({ WUTS_MOCK_PORT: new URL(mock.url).port }));
    await mock.stop();
    assert.equal(code, 1);
    assert.match(error, /^WUTS_MOCK_PORT: port \d+ cannot be taken/);
  });

  it("does not start with a WUTS_MOCK_CONTRACT that is none, and names the setting", async (t) => {
    const file = await contractFile(t);
    for (const [text, why] of [
      ["a: b: c", /Nested mappings are not allowed .* at line 1, column 4\.$/m],
      [noOpenApi, /Unsupported document format$/m],
    ] as const) {
      await writeFile(file, text);
      const { code, error } = await failed(run({ WUTS_MOCK_CONTRACT: file }));
      assert.equal(code, 1);
      assert.ok(error.startsWith(`WUTS_MOCK_CONTRACT: ${file} is not taken: `), error);
      assert.match(error, why);
    }
    await rm(file);
    const { error } = await failed(run({ WUTS_MOCK_CONTRACT: file }));
    assert.match(error, /^WUTS_MOCK_CONTRACT: .* is not taken: ENOENT/);
  });
});

describe("npm run mock, when the contract changes", () => {
  it("answers from the new one on the same port, however the file was written", async (t) => {
    const file = await contractFile(t);
    const { url, said } = await started(t, { WUTS_MOCK_CONTRACT: file });
    assert.equal(await shown(url), "first");

    await writeFile(file, smallContract({ second: everything }));
    await said(/^\d\d:\d\d:\d\d contract\.yaml was read again, operations: 1\.$/m);
    assert.equal(await shown(url), "second");

    // As `sed -i` and many editors do it; the second time shows that the new file is watched, too.
    for (const example of ["third", "hidden"]) {
      await writeFile(`${file}.new`, smallContract({ [example]: everything }));
      await rename(`${file}.new`, file);
      await said(/was read again/);
      assert.equal(await shown(url), example);
    }

    await rm(file);
    await said(/contract\.yaml was not taken, the mock answers as before: ENOENT/);
    assert.equal(await shown(url), "hidden");
    await writeFile(file, smallContract({}));
    await said(/was read again/);
    assert.equal(await shown(url), "first");
  });

  it("keeps the old one and says why, when the new one cannot be taken", async (t) => {
    const file = await contractFile(t, { second: everything });
    const { url, said } = await started(t, { WUTS_MOCK_CONTRACT: file });
    for (const [wrong, why] of [
      ["a: b: c", /was not taken, the mock answers as before: Nested mappings .* at line 1, column 4\.$/m],
      [noOpenApi, /was not taken, .*: Unsupported document format$/m],
      [smallContract({ hidden: 5 }), /was not taken, .*: x-request of the example hidden must be a list/],
    ] as const) {
      await writeFile(file, wrong);
      await said(why);
      assert.equal(await shown(url), "second");
    }
    await writeFile(file, smallContract({ third: everything }));
    await said(/was read again/);
    assert.equal(await shown(url), "third");
  });

  it("shows the scenarios again if they are others, and only then", async (t) => {
    const file = await contractFile(t, { second: everything });
    const { said, output } = await started(t, { WUTS_MOCK_CONTRACT: file });
    const tables = () => output().match(/^request +with +answers/gm)?.length;

    await writeFile(file, `${smallContract({ second: everything })}\n# the same scenarios\n`);
    await said(/was read again/);
    await writeFile(file, smallContract({ hidden: everything }));
    await said(/^POST \/towns\/\{town\}\/people +town=Rio +404 hidden +Shows hidden$/m);
    assert.equal(tables(), 2);
  });
});

/** What `shown` asks, as a scenario. */
const everything = [{ town: "Rio" }];

const noOpenApi = smallContract({}).replace('"openapi"', '"openwhat"');

/** Writes the small contract into a folder of its own. */
async function contractFile(t: TestContext, scenarios: Record<string, unknown> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-mock-"));
  t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "contract.yaml");
  await writeFile(file, smallContract(scenarios));
  return file;
}

/** @returns which example of the small contract is answered */
async function shown(url: string): Promise<unknown> {
  const asked = "/towns/Rio/people?number=5511999999999";
  const { body } = await caller(url)(asked, { method: "POST", headers: json, body: "{}" });
  assert.ok(typeof body === "object" && body !== null && "shows" in body, JSON.stringify(body));
  return body.shows;
}

/** Starts it and waits until it listens. It is ended after the test. */
async function started(t: TestContext, settings: Record<string, string> = {}) {
  const child = run(settings);
  t.onTestFinished(() => void child.kill("SIGKILL"));
  let all = "";
  let read = 0;
  const { stdout, stderr } = child;
  assert.ok(stdout && stderr);
  for (const stream of [stdout, stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      all += text;
      child.emit("said");
    });
  }
  /** Waits until it says something, after what was waited for before. */
  async function said(what: RegExp): Promise<void> {
    const deadline = AbortSignal.timeout(50_000);
    for (;;) {
      const found = what.exec(all.slice(read));
      if (found) {
        read += found.index + found[0].length;
        return;
      }
      await once(child, "said", { signal: deadline }).catch(() => {
        assert.fail(`it did not say ${what}, but:\n${all.slice(read)}`);
      });
    }
  }
  await said(/^The mock reloads \S+ when it changes\.$/m);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(all)?.[0] ?? "";
  return { child, url, said, output: () => all };
}

function run(settings: Record<string, string>, ...args: readonly string[]): ChildProcess {
  const env = { ...process.env, WUTS_MOCK_PORT: "0", ...settings };
  return spawn(process.execPath, [main, ...args], { env });
}

/** @returns what `--outcomes` prints */
async function listed(...wanted: readonly string[]): Promise<string> {
  const child = run({}, "--outcomes", ...wanted);
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  assert.deepEqual(await once(child, "close"), [0, null]);
  return output;
}

async function failed(child: ChildProcess): Promise<{ code: unknown; error: string }> {
  let error = "";
  child.stderr?.on("data", (chunk) => {
    error += chunk;
  });
  const [code] = await once(child, "close");
  return { code, error };
}
