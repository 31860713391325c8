import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { operations } from "@wuts/contract";
import { startSandbox } from "@wuts/sandbox";
import { ask } from "./ask.ts";
import { assertDescribed } from "./described.ts";
import { startPrismProxy } from "./prism-proxy.ts";
import type { Place } from "./worlds.ts";

const [getLiveness] = operations;

/** An answer with a field that the contract does not have. */
const alive = { status: 200, data: { status: "alive", since: "yesterday" } } as const;

describe("an answer that breaks the contract", () => {
  it("does not leave the server, which answers as for any bug of ours", async (t) => {
    const place = await startViolating(t, "fail");
    const answer = await ask(place, getLiveness, {});
    assert.equal(answer.status, 500);
    assert.partialDeepStrictEqual(answer.body, { error_code: "INTERNAL_ERROR" });
    assert.ok(!answer.text.includes("yesterday"));
    assertDescribed(answer, getLiveness);
  });

  it("is seen by these tests when it leaves the server", async (t) => {
    const answer = await ask(await startViolating(t, "log"), getLiveness, {});
    assert.equal(answer.status, 200);
    assert.throws(() => assertDescribed(answer, getLiveness), /the body is not as described/);
  });

  it("is seen by the Prism proxy when it leaves the server", async (t) => {
    const place = await startViolating(t, "log");
    const proxy = await startPrismProxy(place.url);
    t.after(() => proxy.stop());
    const answer = await ask({ ...place, url: proxy.url }, getLiveness, {});
    assert.equal(answer.status, 500);
    assert.match(answer.headers.get("sl-violations") ?? "", /since/);
  });
});

async function startViolating(t: TestContext, violations: "fail" | "log"): Promise<Place> {
  const sandbox = await startSandbox(
    { WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent", WUTS_RESPONSE_VIOLATIONS: violations },
    { handlers: { getLiveness: () => alive } },
  );
  t.after(() => sandbox.stop());
  return { ...sandbox, world: undefined };
}
