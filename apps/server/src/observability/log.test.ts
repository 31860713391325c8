import assert from "node:assert/strict";
import { parseContract, wutsContract } from "@wuts/contract";
import { describe, it } from "vitest";
import { startServerProcess } from "../test-support/processes/server-process.ts";
import { createLog } from "./log.ts";

/** Returns the text that is written for one line. */
function logged(line: object, secretFields = wutsContract.secretFields): string {
  const lines: string[] = [];
  createLog("info", secretFields, { write: (written) => void lines.push(written) }).info(line, "a line");
  return lines.join("");
}

const secret = "s3cret-value";

describe("The log", () => {
  for (const field of wutsContract.secretFields) {
    it(`never shows ${field}, which the contract marks with x-redact, however deep an answer has it`, () => {
      const line = {
        [field]: secret,
        answer: { success: true, data: { [field]: secret, items: [{ [field]: secret }] } },
      };
      assert.ok(!logged(line).includes(secret));
      assert.equal(logged(line).match(/\[secret\]/g)?.length, 3);
    });
  }

  it("learns a secret field from the contract alone", () => {
    const field = "device_id: { type: string, format: uuid, description: The device that was deleted. }";
    assert.ok(wutsContract.yaml.includes(field));
    const marked = parseContract(
      wutsContract.yaml.replace(field, field.replace("type:", "x-redact: true, type:")),
    );
    const line = { data: { device_id: secret } };
    assert.ok(logged(line).includes(secret));
    assert.ok(!logged(line, marked.secretFields).includes(secret));
  });

  it("shows neither tokens nor credentials, which are in no field of the contract", () => {
    const line = { token: secret, headers: { authorization: secret }, device: { stored: { creds: secret } } };
    assert.ok(!logged(line).includes(secret));
  });

  it("shows of an error its words without numbers of people, and of its other properties nothing", () => {
    const error = Object.assign(new Error("nobody at 5511999999999"), { stanza: secret });
    const text = logged({ err: error, cause: error });
    assert.match(text, /nobody at …/);
    assert.ok(!text.includes(secret) && !text.includes("5511999999999"));
  });

  it("has every line, the last one before the process exits, too", async (t) => {
    const log = JSON.stringify(new URL("log.ts", import.meta.url).href);
    const script = `const { createLog } = await import(${log});
      const log = createLog("info", []);
      log.info("first");
      await new Promise((resolve) => setTimeout(resolve, 1));
      log.info("last");
      process.exit(0);`;
    const { code, stdout } = await startServerProcess(t, {}, ["--input-type=module", "--eval", script]).ended;
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).msg),
      ["first", "last"],
    );
  });
});
