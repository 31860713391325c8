import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { Failure } from "../kernel/failures.ts";
import { mayActAs, roles } from "../kernel/roles.ts";
import { assertCanModify, type UserChange } from "./user-policy.ts";

const subject = fc.record({ id: fc.constantFrom("ana", "bruno"), role: fc.constantFrom(...roles) });
const intent: fc.Arbitrary<UserChange> = fc.oneof(
  fc.record({ role: fc.constantFrom(...roles), active: fc.boolean() }, { requiredKeys: [] }),
  fc.constant({ delete: true }),
);

function refusalOf(...given: Parameters<typeof assertCanModify>): Failure | undefined {
  try {
    assertCanModify(...given);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Failure);
    return error;
  }
}

describe("refuseChange", () => {
  it("never lets users change themselves or a user above them, or give more than they are", () => {
    fc.assert(
      fc.property(subject, subject, intent, fc.boolean(), (caller, target, wanted, isLastAdmin) => {
        const refused = refusalOf(caller, target, wanted, isLastAdmin) !== undefined;
        assert.ok(refused || caller.id !== target.id);
        assert.ok(refused || mayActAs(caller.role, target.role));
        assert.ok(refused || !wanted.role || mayActAs(caller.role, wanted.role));
      }),
    );
  });

  it("never takes the last admin away, and says so to those who could", () => {
    const admin = { id: "ana", role: "admin" } as const;
    const takesAway = [{ delete: true }, { active: false }, { role: "user" }, { role: "manager" }] as const;
    for (const caller of [admin, { id: "bruno", role: "admin" } as const]) {
      for (const wanted of takesAway) {
        assert.equal(refusalOf(caller, admin, wanted, true)?.name, "LastAdmin");
        assert.equal(
          refusalOf(caller, admin, wanted, false)?.name,
          caller === admin ? "Forbidden" : undefined,
        );
      }
    }
    assert.equal(
      refusalOf({ id: "bruno", role: "manager" }, admin, { delete: true }, true)?.name,
      "Forbidden",
    );
    assert.equal(
      refusalOf({ id: "bruno", role: "admin" }, admin, { active: true, role: "admin" }, true),
      undefined,
    );
  });
});
