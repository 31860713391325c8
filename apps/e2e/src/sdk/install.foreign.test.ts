import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { afterAll, describe, it } from "vitest";
import { emptyProject, repository, runCommand } from "./installed-client.ts";
import { commandsOf } from "./readme-examples.ts";

const project = await emptyProject();
afterAll(() => project.remove());

describe("the commands of the README that install the client", () => {
  it("install it into an empty folder, where a program imports it", async () => {
    const commands = await commandsOf("Install");
    const change = commands.indexOf("cd ../my-app");
    assert.deepEqual([commands[0], change], ["npm ci", commands.length - 2], "from a clone to the project");
    for (const command of commands.slice(1, change))
      await runCommand(repository, command.replace("../my-app", project.folder));
    const [tarball] = (await readdir(project.folder)).filter((name) => name.endsWith(".tgz"));
    assert.match(tarball ?? "", /^wuts-client-\d+\.\d+\.\d+\.tgz$/);
    const [install = ""] = commands.slice(change + 1);
    await runCommand(project.folder, `${install} --offline --ignore-scripts --no-audit --no-fund`);
    await project.write(
      "program.js",
      'import { createWuts } from "@wuts/client";\nconsole.log(typeof createWuts);',
    );
    assert.equal(await project.run(process.execPath, "program.js"), "function\n");
  });
});
