import assert from "node:assert/strict";
import { describeUnless } from "@wuts/testing/needs";
import { afterAll, beforeAll, it } from "vitest";
import { noTools } from "../tools.ts";
import { startWorld, type World } from "../world.ts";
import { answersOf } from "./answers.ts";
import { type Ignored, ignored } from "./ignored.ts";

/** What Spectral has found. */
interface Finding {
  readonly code: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
}

describeUnless(noTools, "Spectral, with all rules of its own and OWASP's,", () => {
  let world: World;
  let findings: readonly Finding[];
  beforeAll(async () => {
    world = await startWorld();
    findings = await lint(world);
  });
  afterAll(() => world.stop());

  it("finds nothing in the contract but what is ignored", () => {
    const isIgnored = ignores(world);
    const left = findings.filter((finding) => !ignored.some((each) => isIgnored(finding, each)));
    assert.deepEqual(
      left.map(({ code, path, message }) => `${code} ${placeOf(path)}: ${message}`),
      [],
    );
  });

  it("finds all that is ignored: an entry that nothing needs goes", () => {
    const isIgnored = ignores(world);
    const unused = ignored.filter((each) => !findings.some((finding) => isIgnored(finding, each)));
    assert.deepEqual(unused, []);
  });
});

async function lint(world: World): Promise<readonly Finding[]> {
  const names = ["core", "parsers", "rulesets", "owasp-ruleset"].map((name) => `@stoplight/spectral-${name}`);
  const project = await world.project(Object.fromEntries(names.map((name) => [name, name])));
  return project.execute(
    `import { readFileSync } from "node:fs";
    import spectral from "@stoplight/spectral-core";
    import owasp from "@stoplight/spectral-owasp-ruleset";
    import parsers from "@stoplight/spectral-parsers";
    import rulesets from "@stoplight/spectral-rulesets";
    const linter = new spectral.Spectral();
    linter.setRuleset({ extends: [[rulesets.oas, "all"], [owasp.default ?? owasp, "all"]] });
    // With the name of a file, findings are where the schema is, not at each place that refers to it.
    const text = readFileSync("openapi.json", "utf8");
    const document = new spectral.Document(text, parsers.Json, process.cwd() + "/openapi.json");
    console.log(JSON.stringify(await linter.run(document)));`,
  );
}

function ignores({ document }: World): (finding: Finding, entry: Ignored) => boolean {
  const isAnswer = answersOf(JSON.parse(document));
  return ({ code, path }, { rule, where }) => {
    const place = placeOf(path);
    return code === rule && (where === "answers" ? isAnswer(place) : where.test(place));
  };
}

function placeOf(path: Finding["path"]): string {
  return ["", ...path].join("/");
}
