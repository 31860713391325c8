import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { operations } from "@wuts/contract";
import { startSandbox } from "@wuts/sandbox";
import { ask } from "./ask.ts";
import { assertDescribed } from "./described.ts";

describe("an answer that breaks the contract", () => {
  it("is answered as a bug of ours, and does not leave the server", async (t) => {
    const sandbox = await startSandbox(
      { WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent" },
      { handlers: { getLiveness: () => alive } },
    );
    t.after(() => sandbox.stop());
    const [getLiveness] = operations;
    const answer = await ask({ ...sandbox, world: undefined }, getLiveness, {});
    assert.equal(answer.status, 500);
    assertDescribed(answer, getLiveness);
    assert.ok(!answer.text.includes("since"));
  });
});

const alive = { status: 200, data: { status: "alive", since: "yesterday" } } as const;
