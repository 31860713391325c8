import { type ErrorCode, type Wuts, WutsError } from "@wuts/client";

/** The e-mail address of a user of the sandbox. */
export const takenEmail = "taken@example.com";

/** The name of a second tenant of the sandbox. */
export const takenTenant = "Taken Ltda";

/**
 * Creates a user and a tenant through the server's HTTP API, unless an earlier sandbox created them in the same folder.
 * @param wuts client with an admin's token
 * @param master client with the master token
 */
export async function addConflictFixtures(wuts: Wuts, master: Wuts): Promise<void> {
  const user = { email: takenEmail };
  await Promise.all([
    ignore("EMAIL_TAKEN", wuts.users.create({ ...user, role: "user" })),
    ignore("TENANT_EXISTS", master.tenants.register({ ...user, tenant_name: takenTenant })),
  ]);
}

async function ignore(code: ErrorCode, call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof WutsError) || error.code !== code) throw error;
  });
}
