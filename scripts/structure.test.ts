import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
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

  it("name no file that is not there: what moves takes its paths along", () => {
    const missing = files.flatMap((path) =>
      nodesOf(path).flatMap((node) => {
        const named = pathFromHere(node, path);
        return named === undefined || existsSync(named) || isMade(named) ? [] : `${path}: ${node.getText()}`;
      }),
    );
    assert.deepEqual(missing, []);
  });

  it("wait for a mutex with `workSoFar`, which ends under a steady load", () => {
    const waits = files.filter((path) =>
      nodesOf(path).some((node) => ts.isIdentifier(node) && node.text === "waitForUnlock"),
    );
    assert.deepEqual(waits, []);
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

/**
 * The path that `new URL("...", import.meta.url)` or `join(import.meta.dirname, "...")` means; of a template, the folder that
 * its beginning names.
 */
function pathFromHere(node: ts.Node, path: string): string | undefined {
  const isUrl = ts.isNewExpression(node) && node.expression.getText() === "URL";
  const isJoin = ts.isCallExpression(node) && /^(path\.)?(join|resolve)$/.test(node.expression.getText());
  if (!isUrl && !isJoin) return undefined;
  const [first, ...more] = node.arguments ?? [];
  const parts = isUrl ? [first] : more;
  const base = isUrl ? more[0] : first;
  if (base?.getText() !== (isUrl ? "import.meta.url" : "import.meta.dirname")) return undefined;
  const texts = parts.map((part) => {
    if (part && ts.isTemplateExpression(part)) return part.head.text.replace(/[^/]*$/, "");
    return part && ts.isStringLiteralLike(part) ? part.text : "";
  });
  return join(root, dirname(path), ...texts);
}

/** Whether it comes into being by a build or a test, and is not in the repository. */
function isMade(path: string): boolean {
  return spawnSync("git", ["check-ignore", "--quiet", path], { cwd: root }).status === 0;
}

const parsed = new Map<string, readonly ts.Node[]>();

function nodesOf(path: string): readonly ts.Node[] {
  const known = parsed.get(path);
  if (known) return known;
  const source = ts.createSourceFile(
    path,
    readFileSync(`${root}/${path}`, "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  parsed.set(path, nodes);
  return nodes;
}
