import assert from "node:assert/strict";
import { it } from "vitest";
import { newestCandidate } from "./baileys-versions.ts";

it("the newest release candidate is the one that was published last, whatever its number", () => {
  const published = {
    created: "2022-01-01T00:00:00.000Z",
    modified: "2026-11-01T00:00:00.000Z",
    "6.17.16": "2026-10-01T00:00:00.000Z",
    "7.0.0-rc.9": "2026-01-01T00:00:00.000Z",
    "7.0.0-rc14": "2026-06-02T00:00:00.000Z",
    "7.0.0-rc13": "2026-06-01T00:00:00.000Z",
  };
  assert.equal(newestCandidate(published), "7.0.0-rc14");
  assert.equal(newestCandidate({ "6.17.16": "2026-10-01T00:00:00.000Z" }), undefined);
});
