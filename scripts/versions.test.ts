import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "vitest";
import { compareContracts } from "./release/contract-changes.ts";
import {
  bumpBetween,
  listPendingChanges,
  listReleases,
  released,
  releasesFolder,
  undescribed,
} from "./release/releases.ts";
import { contractVersion, manifestsOf } from "./test-support/manifests.ts";

const repository = join(import.meta.dirname, "..");
const last = (await listReleases(repository)).at(-1);
assert.ok(last !== undefined, `${releasesFolder} holds no release`);

describe("versions", () => {
  it("are the same in openapi.yaml, the contract, the client and the last release", async () => {
    assert.deepEqual(
      [await contractVersion(repository), ...(await manifestsOf(repository)).map(({ version }) => version)],
      [last.version, ...released.map(() => last.version)],
      "npm run release:version writes them all; nothing else should",
    );
  });

  it("rise for every change of openapi.yaml: .changeset describes it, with what it asks of the version", async () => {
    const { bump } = await compareContracts(last.path, join(repository, "openapi.yaml"));
    assert.deepEqual(
      undescribed(bump, await listPendingChanges(repository)),
      [],
      `openapi.yaml has ${bump} changes that these packages do not describe; see npm run contract:diff`,
    );
  });

  it("may not fall below the last release's", () => {
    assert.throws(() => bumpBetween("0.10.0", "0.9.9"), /0\.9\.9 is lower than the last release, 0\.10\.0/);
  });
});
