import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "vitest";
import { parse } from "yaml";
import plugin from "../../lint/index.ts";
import { answerCases } from "./answer-cases.ts";
import { edited } from "./contract.ts";
import { nameCases } from "./name-cases.ts";
import { operationCases } from "./operation-cases.ts";
import { configPath, lint } from "./redocly.ts";
import { requestCases } from "./request-cases.ts";

const cases = [...operationCases, ...requestCases, ...answerCases, ...nameCases];
const {
  code,
  said,
  problems: [ofSmallest = [], ...ofCases],
} = await lint([edited({}), ...cases.map(({ edits }) => edited(edits))]);
const config: { extends: string[]; rules: Record<string, string | { severity?: string }> } = parse(
  await readFile(configPath, "utf8"),
);

describe("redocly.yaml", () => {
  it("finds nothing wrong with the smallest contract", () => {
    assert.deepEqual(ofSmallest, []);
  });

  for (const [index, { rule, title, at }] of cases.entries())
    it(at.length > 0 ? `reports by ${rule}: ${title}` : `lets pass by ${rule}: ${title}`, () => {
      const found = ofCases[index]?.map((problem) => `${problem.rule} ${problem.at}`);
      const expected = at.map((pointer) => `${rule} ${pointer}`);
      // Some of Redocly's own rules report once for each way that leads to a problem; ours must not.
      const distinct = rule.startsWith("wuts/") ? found : [...new Set(found)];
      assert.deepEqual(distinct?.sort(), expected.sort(), JSON.stringify(ofCases[index], null, 1));
    });

  it("reports errors only, which fail the check", () => {
    assert.equal(code, 1);
    assert.deepEqual(new Set(ofCases.flat().map(({ severity }) => severity)), new Set(["error"]));
  });

  it("passes a contract without problems", async () => {
    assert.equal((await lint([edited({})])).code, 0);
  });

  it("turns on rules that exist, and says nothing else", () => {
    assert.doesNotMatch(said, /WARNING|Deprecated|config/i);
  });

  it("lets no rule merely warn, and turns none off", () => {
    const rulesets = config.extends.filter((name) => !name.startsWith("diff-"));
    assert.deepEqual(rulesets, ["recommended-strict"]);
    const severities = Object.values(config.rules).map((rule) =>
      typeof rule === "string" ? rule : rule.severity,
    );
    // A rule of assertions without a severity is an error.
    assert.deepEqual(new Set(severities), new Set(["error", undefined]));
  });

  it("turns on every rule of ours", () => {
    const ours = plugin();
    const missing = Object.keys(ours.rules.oas3).filter((name) => !(`${ours.id}/${name}` in config.rules));
    assert.deepEqual(missing, []);
  });

  it("is what the README of the rules describes", async () => {
    const readme = await readFile(new URL("../../lint/README.md", import.meta.url), "utf8");
    const described = [...readme.matchAll(/^\| `([^`]+)`/gm)].map(([, rule]) => rule);
    assert.deepEqual(described, Object.keys(config.rules));
  });

  it("has a contract that breaks each of its rules", () => {
    const broken = new Set(cases.filter(({ at }) => at.length > 0).map(({ rule }) => rule));
    assert.deepEqual(
      Object.keys(config.rules).filter((rule) => !broken.has(rule)),
      [],
    );
  });
});
