import type { Role } from "@wuts/client";

/** In ascending order: each role includes the permissions of the roles before it. */
export const roles: readonly Role[] = ["user", "manager", "admin"];
