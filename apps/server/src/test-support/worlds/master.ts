import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { assertRefused, type CallOptions } from "../call.ts";
import { startWorld, type World } from "../world.ts";

/** The setting, and the token, of servers that have a master. */
export const masterToken = "5f0c2d1e-7b8a-4c3d-9e6f-1a2b3c4d5e6f";

export const withMaster = { WUTS_MASTER_TOKEN: masterToken };

/** Tests of a master operation's responses to other callers. @param request a request that the master may send */
export function onlyForTheMaster(world: () => World, path: string, request: CallOptions = {}): void {
  describe("401", () => {
    for (const [what, token] of [
      ["no token", null],
      ["an unknown token", randomUUID()],
    ] as const) {
      it(`refuses ${what}`, async () => {
        assertRefused(await world().call(path, { ...request, token }), 401, "UNAUTHORIZED");
      });
    }
  });

  describe("403", () => {
    it("refuses a user's token, if it is an admin's", async () => {
      assertRefused(await world().call(path, request), 403, "FORBIDDEN");
    });
  });

  describe("404", () => {
    it("says NOT_FOUND to every client when there is no master token", async () => {
      const other = await startWorld();
      try {
        for (const token of [masterToken, other.token, null]) {
          assertRefused(await other.call(path, { ...request, token }), 404, "NOT_FOUND");
        }
      } finally {
        await other.stop();
      }
    });
  });
}
