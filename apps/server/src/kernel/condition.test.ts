import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { Watchers } from "./condition.ts";

const aMinute = 60_000;

describe("Watchers", () => {
  it("go on without what they wait for when nobody may wait any more, and so does who comes then", async () => {
    const watchers = new Watchers();
    const waiting = watchers.until(() => undefined, aMinute);
    watchers.end();
    assert.equal(await waiting, undefined);
    assert.equal(await watchers.until(() => undefined, aMinute), undefined);
    assert.equal(await watchers.until(() => "there", aMinute), "there");
  });

  it("go on without it when their patience is at its end, also before they have begun", async () => {
    const [watchers, patience] = [new Watchers(), new AbortController()];
    const waiting = watchers.until(() => undefined, aMinute, patience.signal);
    patience.abort();
    assert.equal(await waiting, undefined);
    assert.equal(await watchers.until(() => undefined, aMinute, patience.signal), undefined);
  });
});
