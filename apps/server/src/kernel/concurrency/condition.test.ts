import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { Condition } from "./condition.ts";

const aMinute = 60_000;

describe("Watchers", () => {
  it("go on without what they wait for when the condition is closed, and so do later callers", async () => {
    const watchers = new Condition();
    const waiting = watchers.waitFor(() => undefined, aMinute);
    watchers.close();
    assert.equal(await waiting, undefined);
    assert.equal(await watchers.waitFor(() => undefined, aMinute), undefined);
    assert.equal(await watchers.waitFor(() => "there", aMinute), "there");
  });

  it("go on without it when their patience is at its end, also before they have begun", async () => {
    const [watchers, controller] = [new Condition(), new AbortController()];
    const waiting = watchers.waitFor(() => undefined, aMinute, controller.signal);
    controller.abort();
    assert.equal(await waiting, undefined);
    assert.equal(await watchers.waitFor(() => undefined, aMinute, controller.signal), undefined);
  });
});
