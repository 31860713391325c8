import { Failure } from "../kernel/failures.ts";
import { mayActAs, type Role } from "../kernel/roles.ts";

/** A user of a tenant, as far as the rules look at them. */
export interface Subject {
  readonly id: string;
  readonly role: Role;
}

/** A change that a caller wants to make to a user; `delete` and `disable` end what the user can do. */
export interface UserChange {
  readonly role?: Role | undefined;
  readonly active?: boolean | undefined;
  readonly delete?: boolean;
}

/**
 * Asserts that a caller may change a user, beyond the role that the operation requires.
 * @param target the user to be changed, of the same tenant
 * @param isLastAdmin whether the target is the only active admin of the tenant
 * @throws Failure Forbidden, with a text that says which rule, or LastAdmin
 */
export function assertCanModify(
  caller: Subject,
  target: Subject,
  intent: UserChange,
  isLastAdmin: boolean,
): void {
  if (!mayActAs(caller.role, target.role)) {
    throw new Failure("Forbidden", { message: "you cannot change a user with a higher role" });
  }
  assertCanGrant(caller, intent.role);
  const ends = intent.delete === true || intent.active === false;
  const demotes = intent.role !== undefined && intent.role !== "admin";
  // Checked before the rule against changing oneself: only the last admin is above all others, so only they could break it.
  if (isLastAdmin && (ends || demotes)) throw new Failure("LastAdmin");
  if (caller.id === target.id) throw new Failure("Forbidden", { message: "you cannot change yourself" });
}

/** @throws Failure Forbidden when the caller would give a role above their own */
export function assertCanGrant(caller: Pick<Subject, "role">, role: Role | undefined): void {
  if (role !== undefined && !mayActAs(caller.role, role)) {
    throw new Failure("Forbidden", { message: "you cannot give a role above your own" });
  }
}
