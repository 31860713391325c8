import type { Role } from "@wuts/client";

/** Each may do what those before it may. */
export const roles: readonly Role[] = ["user", "manager", "admin"];
