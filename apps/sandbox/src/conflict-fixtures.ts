import { randomUUID } from "node:crypto";
import { type ErrorCode, type Wuts, WutsError } from "@wuts/client";

/** An e-mail address that somebody in the sandbox has. */
export const takenEmail = "taken@example.com";

/** The name of a tenant that the sandbox has beside its own. */
export const takenTenant = "Taken Ltda";

/**
 * Makes a user and a tenant through the server's own HTTP API, unless an earlier sandbox has made them in the same folder.
 * @param wuts asks as an admin
 * @param master asks with the master token
 */
export async function addConflictFixtures(wuts: Wuts, master: Wuts): Promise<void> {
  // Nobody is to log in with it.
  const password = randomUUID();
  const user = { email: takenEmail, password };
  await Promise.all([
    unless("EMAIL_TAKEN", wuts.users.create({ ...user, role: "user" })),
    unless("TENANT_EXISTS", master.tenants.register({ ...user, tenant_name: takenTenant })),
  ]);
}

async function unless(code: ErrorCode, made: Promise<unknown>): Promise<void> {
  await made.catch((error: unknown) => {
    if (!(error instanceof WutsError) || error.code !== code) throw error;
  });
}
