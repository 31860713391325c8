import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The samples of the documents: what they are, and how tests run them. CONTRIBUTING.md describes the marks. */

/** Samples that tests of their own run, by name, and the file of the test. */
export const runElsewhere: Readonly<Record<string, string>> = {
  secrets: "scripts/compose-file.test.ts",
  backup: "apps/server/src/app/operations-page.test.ts",
  restore: "apps/server/src/app/operations-page.test.ts",
  "pg backup": "apps/server/src/app/operations-page.postgres.test.ts",
  "pg restore": "apps/server/src/app/operations-page.postgres.test.ts",
  changeset: "scripts/release-version.foreign.test.ts",
  release: "scripts/release-version.foreign.test.ts",
  "contract diff": "scripts/contract-diff.foreign.test.ts",
};

/** Why a sample is run by no test. Anything else needs a decision: keep this list short. */
export const neverRun: Readonly<Record<string, string>> = {
  docker: "needs Docker; scripts/image.foreign.test.ts does what the Dockerfile says without it",
  root: "makes users and services on this machine; scripts/unit.foreign.test.ts judges the unit",
  publishes: "publishes the client on npm; apps/e2e packs it and uses it",
  long: "is the tests themselves; .ci/run runs them",
};

export type Mark =
  | { readonly kind: "prints"; readonly text: string }
  | { readonly kind: "with"; readonly what: string }
  | { readonly kind: "server" }
  | { readonly kind: "run"; readonly name: string }
  | { readonly kind: "not run"; readonly why: string };

/** A block of code of a page. */
export interface Sample {
  /** From the root of the repository. */
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  readonly mark: Mark | undefined;
}

/** @returns the pages whose samples are run: all documents of the root and of `docs`, as paths from the root */
export async function listPages(root: string): Promise<string[]> {
  const paths: string[] = [];
  // What the changelog shows of earlier versions is as it was.
  for await (const path of glob(["*.md", "docs/**/*.md"], {
    cwd: root,
    exclude: (path) => path === "CHANGELOG.md",
  }))
    paths.push(path);
  return paths.sort();
}

/** @returns the blocks of code of a page, from the top down */
export async function samplesOf(root: string, page: string): Promise<Sample[]> {
  const text = await readFile(join(root, page), "utf8");
  return [...text.matchAll(/^(?:<!-- ([^\n]+) -->\n\n)?```(\w*)\n(.*?)^```$/gms)].map(
    ({ index, 0: all, 1: mark, 2: language = "", 3: code = "" }) => ({
      page,
      line: text.slice(0, index + all.indexOf("```")).split("\n").length + 1,
      language,
      code,
      mark: mark === undefined ? undefined : readMark(mark, page),
    }),
  );
}

function readMark(text: string, page: string): Mark {
  const [, kind = "", rest = ""] = /^(prints|with|server|run:|not run:) ?(.*)$/.exec(text) ?? [];
  if (kind === "prints" && rest !== "") return { kind, text: rest };
  if (kind === "with" && rest !== "") return { kind, what: rest };
  if (kind === "server" && rest === "") return { kind };
  if (kind === "run:") return { kind: "run", name: rest };
  if (kind === "not run:") return { kind: "not run", why: rest };
  throw new Error(`${page}: <!-- ${text} --> before a block of code is none of the marks in CONTRIBUTING.md`);
}

/** @returns the commands of the sample that a page has under this name @throws Error when it has none */
export async function sampleNamed(root: string, page: string, name: string): Promise<string> {
  const found = (await samplesOf(root, page)).find(({ mark }) => mark?.kind === "run" && mark.name === name);
  if (!found) throw new Error(`${page} has no sample <!-- run: ${name} -->`);
  return found.code;
}
