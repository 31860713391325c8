import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.ts", "*.tsx"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && !path.endsWith(".gen.ts"));

const mostFilesInAFolder = 15;

/** One file for each operation, with its test and its cases; and one for each migration, of which none ever goes. */
const isUnbounded = (folder: string) =>
  /^apps\/server\/src\/(operations\/[^/]+|storage\/migrations\/versions)$/.test(folder);

const mostParameters = 4;

/** Words that say nothing to a reader who does not know the repository; CONTRIBUTING.md has the rule. */
const retired = new Set([
  "anew",
  "everybody",
  "news",
  "nobody",
  "nobodys",
  "patience",
  "people",
  "somebody",
  "told",
  "whoever",
]);

/** `#oldNames` is `old` and `names`. Names of columns and fields on the wire, `told_at`, are one word. */
const wordsOf = (name: string) =>
  name
    .replace(/^#/, "")
    .split(/(?=[A-Z])/)
    .map((word) => word.toLowerCase());

describe("The sources", () => {
  it("have at most 15 files in a folder, tests aside", () => {
    const counts = new Map<string, number>();
    for (const path of files.filter((each) => !/\.test\.tsx?$/.test(each))) {
      const folder = dirname(path);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    const full = [...counts].filter(([folder, count]) => count > mostFilesInAFolder && !isUnbounded(folder));
    assert.deepEqual(full, []);
  });

  it("have constructors of at most four parameters, or one object", () => {
    const long = files.flatMap((path) =>
      nodesOf(path)
        .filter((node) => ts.isConstructorDeclaration(node))
        .filter(({ parameters }) => parameters.length > mostParameters)
        .map(() => path),
    );
    assert.deepEqual(long, []);
  });

  it("have no retired word in a name", () => {
    const names = files.flatMap((path) =>
      nodesOf(path)
        .filter((node) => ts.isIdentifier(node) || ts.isPrivateIdentifier(node))
        .filter(({ text }) => wordsOf(text).some((word) => retired.has(word)))
        .map(({ text }) => `${path}: ${text}`),
    );
    assert.deepEqual([...new Set(names)], []);
  });
});

function nodesOf(path: string): ts.Node[] {
  const source = ts.createSourceFile(path, readFileSync(`${root}/${path}`, "utf8"), ts.ScriptTarget.Latest);
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return nodes;
}
