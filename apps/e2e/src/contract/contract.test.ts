import assert from "node:assert/strict";
import { worldNames } from "@wuts/contract-cases";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Place } from "../support/worlds.ts";
import { cases } from "./cases/all.ts";
import { keyOf, noteProduced, notProducedBy, outcomesOfContract, writeReport } from "./coverage.ts";
import { runCase, titleOf } from "./run-case.ts";
import { targets } from "./targets.ts";

// Places share nothing, so some may be busy at once. In one place, one case comes after the other.
describe("the contract", () => {
  for (const world of worldNames) {
    for (const target of targets) {
      const casesThere = cases.filter((each) => target.worldOf(each) === world);
      if (casesThere.length === 0) continue;

      describe(`the ${target.name}, ${world}`, { concurrent: true }, () => {
        let place: Place;
        beforeAll(async () => {
          place = await target.start(world);
        });
        afterAll(() => place?.stop());

        for (const wanted of casesThere) {
          it(titleOf(wanted), { concurrent: false }, async () => {
            await runCase(wanted, target, place);
            noteProduced(target.name, wanted);
          });
        }
      });
    }
  }
});

describe("the cases", () => {
  afterAll(async () => {
    console.log(await writeReport(new URL("../../reports/", import.meta.url)));
  });

  it("claim nothing that the contract does not have", () => {
    const known = new Set(outcomesOfContract.map(keyOf));
    assert.deepEqual(
      cases.map(keyOf).filter((key) => !known.has(key)),
      [],
    );
  });

  it("make the server answer everything that the contract has", () => {
    assert.deepEqual(notProducedBy("server"), []);
  });
});
