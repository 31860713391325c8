import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it, type TestContext } from "vitest";
import { accounts } from "../../support/accounts.ts";
import { makeFolder } from "../../support/worlds.ts";
import { casesBesideHandlers } from "./beside-handlers.ts";

describe("the cases beside handlers", () => {
  it("are found by the names of their files, in the order of the contract", async (t) => {
    const folder = await folderWith(t, {
      "users/get-me.cases.ts": casesOf("getMe"),
      "system/get-liveness.cases.ts": casesOf("getLiveness"),
      "system/get-liveness.ts": "",
    });
    const found = await casesBesideHandlers(folder, accounts);
    assert.deepEqual(
      found.map(({ operationId }) => operationId),
      ["getMe", "getLiveness"],
    );
  });

  it("are none of an operation that the contract does not have", async (t) => {
    const folder = await folderWith(t, { "users/get-nothing.cases.ts": casesOf("getNothing") });
    await assert.rejects(casesBesideHandlers(folder, accounts), /users\/get-nothing\.cases\.ts/);
  });

  it("are not in the folder of another tag", async (t) => {
    const folder = await folderWith(t, { "system/get-me.cases.ts": casesOf("getMe") });
    await assert.rejects(casesBesideHandlers(folder, accounts), /system\/get-me\.cases\.ts/);
  });

  it("are those of the operation that their file is named after", async (t) => {
    const folder = await folderWith(t, { "users/get-me.cases.ts": casesOf("getUser") });
    await assert.rejects(casesBesideHandlers(folder, accounts), /get-me\.cases\.ts exports the cases of its/);
  });
});

function casesOf(operationId: string): string {
  return `const operationId = "${operationId}";
export const cases = { operationId, casesWith: () => [{ operationId, status: 200, outcome: "one" }] };`;
}

async function folderWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<URL> {
  const { folder, remove } = await makeFolder();
  t.onTestFinished(remove);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return pathToFileURL(`${folder}/`);
}
