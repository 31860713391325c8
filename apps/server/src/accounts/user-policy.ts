import { Failure } from "../kernel/failures.ts";
import { mayActAs, type Role } from "../kernel/roles.ts";

/** Somebody in a tenant, as far as the rules look at them. */
export interface Subject {
  readonly id: string;
  readonly role: Role;
}

/** What somebody wants to do about a user; `delete` and `disable` end what the user can do. */
export interface UserChange {
  readonly role?: Role | undefined;
  readonly active?: boolean | undefined;
  readonly delete?: boolean;
}

/**
 * The rules of who may change whom, beyond the role that an operation asks for.
 * @param target who is to be changed, of the same tenant
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
  // Before the rule about oneself: only the last admin is above all others, so only they could break this one.
  if (isLastAdmin && (ends || demotes)) throw new Failure("LastAdmin");
  if (caller.id === target.id) throw new Failure("Forbidden", { message: "you cannot change yourself" });
}

/** @throws Failure Forbidden when somebody would make another one more than they are themselves */
export function assertCanGrant(caller: Pick<Subject, "role">, role: Role | undefined): void {
  if (role !== undefined && !mayActAs(caller.role, role)) {
    throw new Failure("Forbidden", { message: "you cannot give a role above your own" });
  }
}
