/** The roles of users, from the least to the most: each role may do everything that the roles before it may. */
export const roles = ["user", "manager", "admin"] as const;

export type Role = (typeof roles)[number];

/** @returns whether a user with the role `held` may do everything that the role `wanted` may */
export function mayActAs(held: Role, wanted: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(wanted);
}

/** @returns the roles of the other users whose devices a user with this role may work with: none above their own */
export function rolesWithinReach(role: Role): readonly Role[] {
  return role === "user" ? [] : roles.filter((other) => mayActAs(role, other));
}

export function isRole(name: string): name is Role {
  return roles.some((role) => role === name);
}
