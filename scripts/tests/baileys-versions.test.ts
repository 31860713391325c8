import assert from "node:assert/strict";
import { it } from "vitest";
import { newestCandidate } from "./baileys-versions.ts";

it("the newest release candidate is the one with the highest numbers, however they are written", () => {
  const versions = ["7.0.0-rc.9", "7.0.0-rc14", "7.0.0-rc13", "7.0.0-rc.3", "6.17.16", "8.0.0-beta.1"];
  assert.equal(newestCandidate(versions), "7.0.0-rc14");
  assert.equal(newestCandidate([...versions, "7.1.0-rc.1"]), "7.1.0-rc.1");
  assert.equal(newestCandidate(["6.17.16", "7.0.0"]), undefined);
});
