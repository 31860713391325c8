import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, it } from "vitest";
import { migrationFolder, migrationNames } from "./migrations.ts";

/** Databases have these, in this order: none may go, change its name or get another one before it. */
const released = [
  "2026-11-first-tables",
  "2026-11-second-encrypted-credentials",
  "2026-11-third-people",
  "2026-11-third-printed-tokens",
  "2026-11-third-registered-lids",
  "2026-11-third-synced-contacts",
  "2026-11-third-synced-pictures",
  "2026-11-third-synced-rates",
  "2026-11-third-told-pictures",
  "2026-11-watched-people",
  "2026-11-with-leases",
  "2026-11-with-sign-in-codes",
  "2026-11-written-probes",
  "2026-11-written-stamps",
  "2026-12-present-servers",
  "2026-12-several-pictures",
  "2026-12-token-parents",
  "2026-12-until-banned",
];

describe("The migrations", () => {
  it("begin with those that databases have, in the order in which those have them", async () => {
    assert.deepEqual((await migrationNames()).slice(0, released.length), released);
  });

  it("are called when they were written and what they do, no two at the same time", async () => {
    const times = (await migrationNames()).slice(released.length).map((name) => {
      const [, time] = /^(20\d\d[01]\d[0-3]\dT[0-2]\d[0-5]\d)_[a-z\d]+(?:_[a-z\d]+)*$/.exec(name) ?? [];
      assert.ok(time, `${name} is not called as 20261201T1200_what_it_does`);
      return time;
    });
    assert.deepEqual(times, [...new Set(times)]);
  });

  it("sort after those that databases have, by bytes and by language, when they are called so", () => {
    const name = "20261201T1200_what_it_does";
    for (const earlier of released) assert.ok(earlier < name && earlier.localeCompare(name) < 0, earlier);
  });

  it("are the files of their folder, and nothing else is in it", async () => {
    const files = (await readdir(migrationFolder)).sort();
    assert.deepEqual(
      files,
      (await migrationNames()).map((name) => `${name}.ts`),
    );
    for (const file of files) {
      const exported: object = await import(`${migrationFolder}/${file}`);
      assert.deepEqual(Object.keys(exported), ["up"], file);
    }
  });
});
