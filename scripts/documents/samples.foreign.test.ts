import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "vitest";
import { describeSamples, ended, root, temporaryFolder } from "../test-support/run-samples.ts";
import { listPages, samplesOf } from "./samples.ts";

const pages = await listPages(root);

// The README's are run by samples.test.ts.
for (const page of pages) if (page !== "README.md") await describeSamples(page);

it("compiles the TypeScript of all pages, as strictly as readers may", async (t) => {
  const folder = await temporaryFolder(t);
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const files: string[] = [];
  for (const page of pages) {
    const programs = (await samplesOf(root, page)).filter(({ language }) => language === "ts");
    if (programs.length === 0) continue;
    files.push(`${page.replaceAll(/[^a-z]/gi, "-")}.mts`);
    await writeFile(join(folder, files.at(-1) ?? ""), programs.map(({ code }) => code).join("\n"));
  }
  assert.ok(files.length > 5);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noEmit: true,
    module: "nodenext",
    target: "es2024",
    types: ["node"],
    skipLibCheck: true,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { code, stdout } = await ended(
    spawn(process.execPath, [tsc, "-p", "."], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }),
  );
  assert.deepEqual([stdout, code], ["", 0]);
});
