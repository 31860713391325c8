import assert from "node:assert/strict";
import { access, glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandsOf, createProgram, nameOf } from "@wuts/server/cli";
import { describe, it } from "vitest";
import { maxLineLength } from "./documents/readme-section.ts";
import { listPages, neverRun, runElsewhere, samplesOf } from "./documents/samples.ts";
import { changelogOf, changelogPath } from "./release/changelog.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = await listPages(root);
const texts = new Map(
  await Promise.all(pages.map(async (page) => [page, await readFile(join(root, page), "utf8")] as const)),
);
const linesOf = (page: string) => (texts.get(page) ?? "").trimEnd().split("\n");

describe("The documents", () => {
  it("are short where readers begin: README.md has at most 250 lines, AGENTS.md 40", () => {
    assert.ok(linesOf("README.md").length <= 250, `README.md has ${linesOf("README.md").length} lines`);
    assert.ok(linesOf("AGENTS.md").length <= 40, `AGENTS.md has ${linesOf("AGENTS.md").length} lines`);
  });

  it("have no row of a table that is wider than a screen", () => {
    const wide = pages.flatMap((page) =>
      linesOf(page).flatMap((line, index) =>
        line.trimStart().startsWith("|") && line.length > maxLineLength
          ? [`${page}:${index + 1}: ${line.length} characters`]
          : [],
      ),
    );
    assert.deepEqual(wide, []);
  });

  it("link to what is there", async () => {
    const broken: string[] = [];
    for (const page of pages) {
      for (const [, target = ""] of withoutCode(texts.get(page) ?? "").matchAll(
        /(?:\]\(|src=")([^)"\s]+)[)"]/g,
      )) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = "", anchor] = target.split("#");
        const to = path === "" ? page : join(dirname(page), path);
        const exists = await access(join(root, to)).then(
          () => true,
          () => false,
        );
        const hasAnchor = anchor === undefined || anchorsOf(texts.get(to) ?? "").has(anchor);
        // Pages beside these are not read for their headings.
        if (!exists || (texts.has(to) && !hasAnchor)) broken.push(`${page}: ${target}`);
      }
    }
    assert.deepEqual(broken, []);
  });

  it("name no command that there is not", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const scriptsOfPackages = new Map<string, object>();
    for await (const path of glob("{apps,packages,examples}/*/package.json", { cwd: root })) {
      const manifest = JSON.parse(await readFile(join(root, path), "utf8"));
      scriptsOfPackages.set(manifest.name, manifest.scripts ?? {});
    }
    const ofWuts = commandsOf(createProgram()).map(nameOf);
    const unknown: string[] = [];
    for (const [page, text] of texts) {
      for (const [all, script = "", , name = ""] of text.matchAll(
        /npm (?:run (?:-s )?)?((?<=run (?:-s )?)[\w:-]+|test|start)( -w (@wuts\/[\w-]+))?/g,
      ))
        if (!(script in (name === "" ? scripts : (scriptsOfPackages.get(name) ?? {}))))
          unknown.push(`${page}: ${all}`);
      for (const [all, command = ""] of text.matchAll(/npx wuts ([a-z]+(?: (?:list|create|rotate))?)/g))
        if (!ofWuts.includes(command)) unknown.push(`${page}: ${all}`);
      for (const [all, tool = ""] of text.matchAll(/npx (?!wuts\b)([a-z]+)/g))
        if (!(await hasTool(tool))) unknown.push(`${page}: ${all}`);
    }
    assert.deepEqual(unknown, []);
  });

  it("explain every variable that begins with WUTS_", async () => {
    const configuration = texts.get("docs/configuration.md") ?? "";
    const unexplained = new Set<string>();
    const sources = glob(
      ["{apps,packages,examples}/*/{src,test,scripts}/**/*.{ts,tsx,js}", "scripts/*.ts", ".ci/*"],
      {
        cwd: root,
        exclude: (path) => /node_modules|\/dist\//.test(path),
      },
    );
    for await (const path of sources) {
      const source = await readFile(join(root, path), "utf8");
      for (const [, name = ""] of source.matchAll(/env(?:ironment)?\.(WUTS_[A-Z0-9_]+)|"(WUTS_[A-Z0-9_]+)"/g))
        if (name !== "" && !configuration.includes(`\`${name}\``)) unexplained.add(`${name} (${path})`);
    }
    assert.deepEqual([...unexplained], []);
  });
});

describe("CHANGELOG.md", () => {
  it("says what the changelogs of the contract and the client say", async () => {
    const text = await readFile(changelogPath(root), "utf8");
    assert.equal(
      text,
      await changelogOf(root, "undated"),
      "npm run release:version writes it; nothing else should",
    );
    assert.ok(text.split(/^## \d/m).length > 5);
  });
});

describe("The samples of the documents", async () => {
  const samples = (await Promise.all(pages.map((page) => samplesOf(root, page)))).flat();

  it("are in languages that say whether they are run", () => {
    const languages = new Set(samples.map(({ language }) => language));
    assert.deepEqual([...languages].sort(), ["", "ini", "json", "sh", "ts", "yaml"]);
  });

  it("are run by the test that their mark names", async () => {
    const named = samples.flatMap(({ mark }) => (mark?.kind === "run" ? [mark.name] : []));
    assert.deepEqual([...new Set(named)].sort(), Object.keys(runElsewhere).sort());
    for (const [name, file] of Object.entries(runElsewhere))
      assert.ok(
        (await readFile(join(root, file), "utf8")).includes(`"${name}"`),
        `${file} does not run ${name}`,
      );
  });

  it("are left out for one of a few reasons only", () => {
    const reasons = samples.flatMap(({ mark }) => (mark?.kind === "not run" ? [mark.why] : []));
    assert.deepEqual([...new Set(reasons)].sort(), Object.keys(neverRun).sort());
    assert.ok(reasons.length <= 10, `${reasons.length} samples are not run`);
  });
});

async function hasTool(name: string): Promise<boolean> {
  const found = await access(join(root, "node_modules/.bin", name)).catch(() => "missing");
  return found === undefined;
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, "");
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
