/** What users may be, from the least to the most: each may do what those before it may. */
export const roles = ["user", "manager", "admin"] as const;

export type Role = (typeof roles)[number];

/** @returns whether somebody with the role `held` may do what the role `wanted` may */
export function mayActAs(held: Role, wanted: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(wanted);
}

/** @returns the roles of those others whose devices somebody with this role may work with: nobody reaches above their own */
export function rolesWithinReach(role: Role): readonly Role[] {
  return role === "user" ? [] : roles.filter((other) => mayActAs(role, other));
}

export function isRole(name: string): name is Role {
  return roles.some((role) => role === name);
}
