import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { startMock } from "@wuts/mock";
import { afterAll, describe, it } from "vitest";
import { clientFolder } from "./installed-client.ts";
import { examplesOf } from "./readme-examples.ts";

const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());

describe("the complete example of the README", () => {
  it("runs as it stands, with the built package", async () => {
    const { code, output, errors } = await run(await example());
    assert.equal(errors, "");
    assert.equal(code, 0);
    assert.equal(
      output,
      "Reception is connected\n" +
        "Their picture is at https://pps.whatsapp.net/v/t61.24694-24/abc123.jpg?oe=6A314420 until 2026-06-16T12:40:00.000Z\n",
    );
  });

  it("says what to do about errors", async () => {
    const call = "preview: false }";
    const creation = "createWuts({";
    const source = await example();
    assert.ok(source.includes(call) && source.includes(creation));
    for (const [prefer, expected] of [
      ["example=picture-hidden", "No picture: the profile picture is hidden from this account\n"],
      ["code=429", "Ask again in 5 s\n"],
    ]) {
      const impatient = source.replace(creation, `${creation} retries: 0,`);
      const { output } = await run(impatient.replace(call, `${call}, { headers: { Prefer: "${prefer}" } }`));
      assert.equal(output, `Reception is connected\n${expected}`);
    }
  });
});

describe("the example of users and tenants in the README", () => {
  it("runs, with the built package", async () => {
    const source = (await example("Users and tenants")).replace("http://127.0.0.1:4010", mock.url);
    const { code, output, errors } = await run(source);
    assert.deepEqual([errors, code], ["", 0]);
    assert.match(output, /^ana@example\.com of Example Ltda: [0-9a-f-]{36}, until \S+\nuser\.updated by /);
  });
});

describe("the examples of what a call does, in the README", () => {
  for (const [heading, expected] of [
    ["Responses", /^200, 1 device, application\/json; charset=utf-8, request from-the-readme\n$/],
    ["Idempotency keys", /^Reception is unpaired\n$/],
    [
      "Logging",
      /^(#1 GET \/devices\/\{device_id\}, attempt 1: request\n)(#1 GET \/devices\/\{device_id\}, attempt 1: response 200\n)$/,
    ],
  ] as const) {
    it(`runs, with the built package: ${heading}`, async () => {
      const source = (await example(heading)).replace("http://127.0.0.1:4010", mock.url);
      const { code, output, errors } = await run(source);
      assert.deepEqual([errors, code], ["", 0]);
      assert.match(output, expected);
    });
  }
});

describe("each example of the README", () => {
  it("runs to its end, with the built package", async () => {
    const examples = await examplesOf();
    assert.ok(examples.length >= 6);
    const outputs = [];
    for (const source of examples) {
      const { code, output, errors } = await run(source.replaceAll("http://127.0.0.1:4010", mock.url));
      assert.deepEqual([errors, code], ["", 0], source);
      outputs.push(output);
    }
    assert.ok(outputs.includes("Reception is connected\n"), "a list is read whole");
    assert.ok(
      outputs.some((output) => output.startsWith("https://pps.whatsapp.net/")),
      "a picture is found",
    );
  });
});

/** The first code below a heading. */
async function example(heading = "A complete example"): Promise<string> {
  const [code] = await examplesOf(heading);
  assert.ok(code !== undefined, `the README has an example below ${heading}`);
  return code;
}

/** Runs a program in the client's package, so that `@wuts/client` is what users install: dist/, written by `npm run build`. */
async function run(source: string): Promise<{ code: unknown; output: string; errors: string }> {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", source], {
    cwd: clientFolder,
    env: { ...process.env, WUTS_BASE_URL: mock.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, output, errors };
}
