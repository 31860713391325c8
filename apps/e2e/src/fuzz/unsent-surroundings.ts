import { wutsContract } from "@wuts/contract";
import { describedBy } from "../support/described.ts";
import type { Schemas } from "./schemas.ts";
import type { Surroundings } from "./valid.ts";

/** Of requests for the contract's own operations before anything is sent: no server has shown a value yet. */
export function unsentSurroundings(
  schemas: Schemas,
  given: Pick<Surroundings, "token" | "masterToken" | "metricsToken" | "lesserTokens" | "bodyLimit">,
): Surroundings {
  return {
    ...given,
    schemas,
    requestId: { type: "string", pattern: "^[a-z]{8}$" },
    better: () => undefined,
    described: describedBy(wutsContract.document),
    operations: wutsContract.operations,
    deadlineMs: 0,
    surplusBodies: false,
  };
}
