import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { it } from "vitest";
import { withLists } from "./readme.ts";

it("the README lists the scenarios and outcomes that the contract has now", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  assert.ok(readme === withLists(readme), "README.md is stale. Mend it: npm run readme -w @wuts/mock");
});
