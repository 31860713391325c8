import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { errorCodes } from "@wuts/contract";
import { commandsOf, createProgram, nameOf } from "@wuts/server/cli";
import { settings } from "@wuts/server/config";
import { test } from "vitest";
import { configurationPath, errorsPath, readmePath } from "./documents/readme-section.ts";
import { withEveryError, withEverySetting, withSettings } from "./readme.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Of the root, of all workspaces, and of the tools that are installed apart. */
const manifests = [
  ...["package.json", "scripts/package.json", "{apps,packages,examples}/*/package.json"],
  "apps/interop/tools/package.json",
  "packages/testing/runtimes/package.json",
];
const readme = await readFile(readmePath, "utf8");

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function dependenciesOf({ dependencies, devDependencies, optionalDependencies }: Manifest) {
  return { ...dependencies, ...devDependencies, ...optionalDependencies };
}

test("the settings in the README and on the page on configuration are the code's", async () => {
  assert.equal(readme, withSettings(readme), "mend it with: npm run readme");
  const page = await readFile(configurationPath, "utf8");
  assert.equal(page, withEverySetting(page), "mend it with: npm run readme");
  for (const name of Object.keys(settings.shape)) assert.ok(page.includes(`\n- \`${name}\``), name);
});

test("the page on errors says what each code of the contract means", async () => {
  const page = await readFile(errorsPath, "utf8");
  assert.equal(page, withEveryError(page), "mend it with: npm run readme");
  for (const code of errorCodes) assert.ok(page.includes(`\n- \`${code}\` (`), code);
});

test("docs/dependencies.md gives a reason for every dependency", async () => {
  const page = await readFile(`${root}docs/dependencies.md`, "utf8");
  const missing = new Set<string>();
  for await (const path of glob(manifests, { cwd: root })) {
    const manifest = JSON.parse(await readFile(`${root}${path}`, "utf8"));
    for (const name of Object.keys(dependenciesOf(manifest))) {
      if (!name.startsWith("@wuts/") && !page.includes(`\n- \`${name}\`: `)) missing.add(name);
    }
  }
  assert.deepEqual([...missing], [], "each needs a line in the list of dependencies");
});

test("every dependency has an exact version", async () => {
  for await (const path of glob(manifests, { cwd: root })) {
    const manifest = JSON.parse(await readFile(`${root}${path}`, "utf8"));
    for (const [name, version] of Object.entries(dependenciesOf(manifest))) {
      if (!name.startsWith("@wuts/"))
        assert.match(String(version), /^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/, `${path}: ${name}`);
    }
  }
});

test("CONTRIBUTING.md says what every command does", async () => {
  const contributing = await readFile(`${root}CONTRIBUTING.md`, "utf8");
  const { scripts } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
  for (const name of Object.keys(scripts)) {
    if (name.startsWith("pre")) continue;
    const command = ["start", "test"].includes(name) ? `npm ${name}` : `npm run ${name}`;
    assert.ok(contributing.includes(`\n| \`${command}\` `), `it does not say what ${command} does`);
  }
});

test("the page on operations names every command of wuts, and no other", async () => {
  const page = await readFile(`${root}docs/operations.md`, "utf8");
  const named = new Set(page.match(/(?<=^\| `)npx wuts [a-z ]+(?=` )/gm));
  assert.deepEqual(
    [...named].sort(),
    commandsOf(createProgram())
      .map((command) => `npx wuts ${nameOf(command)}`)
      .sort(),
  );
});
