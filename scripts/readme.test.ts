import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { commandsOf, createProgram, nameOf } from "@wuts/server/cli";
import { test } from "vitest";
import { withSettings } from "./readme.ts";
import { readmePath } from "./readme-section.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(readmePath, "utf8");

test("the README's table of settings is the code's", () => {
  assert.equal(readme, withSettings(readme), "mend it with: npm run readme");
});

test("the README gives a reason for every dependency", async () => {
  const missing = new Set<string>();
  for await (const path of glob(["package.json", "{apps,packages,examples}/*/package.json"], { cwd: root })) {
    const manifest = JSON.parse(await readFile(`${root}${path}`, "utf8"));
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      if (!name.startsWith("@wuts/") && !readme.includes(`| \`${name}\``)) missing.add(name);
    }
  }
  assert.deepEqual([...missing], [], "each needs a line in the table of dependencies");
});

test("every dependency has an exact version", async () => {
  for await (const path of glob(["package.json", "{apps,packages,examples}/*/package.json"], { cwd: root })) {
    const manifest = JSON.parse(await readFile(`${root}${path}`, "utf8"));
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      if (!name.startsWith("@wuts/"))
        assert.match(String(version), /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${path}: ${name}`);
    }
  }
});

test("the README names every command", async () => {
  const { scripts } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
  for (const name of Object.keys(scripts)) {
    if (name.startsWith("pre")) continue;
    const command = ["start", "test"].includes(name) ? `npm ${name}` : `npm run ${name}`;
    assert.ok(readme.includes(command), `the README does not say what ${command} does`);
  }
});

test("the README names every command of wuts, and no other", () => {
  const named = new Set(readme.match(/(?<=^\| `)npx wuts [a-z ]+(?=` )/gm));
  assert.deepEqual(
    [...named].sort(),
    commandsOf(createProgram())
      .map((command) => `npx wuts ${nameOf(command)}`)
      .sort(),
  );
});
