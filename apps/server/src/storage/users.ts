import { createHash, randomUUID } from "node:crypto";
import type { Role } from "../roles.ts";
import type { Database } from "./database.ts";

/** Who sends a request: a user, found by a token. */
export interface Caller {
  readonly userId: string;
  readonly tenantId: string;
  readonly role: Role;
}

export interface Users {
  /** @returns the user this token belongs to, or `undefined` */
  findByToken(token: string): Promise<Caller | undefined>;
  /**
   * Creates the first tenant and its admin, unless any user exists.
   * @param token the admin's token, a UUID v4
   * @returns whether they were created
   */
  bootstrap(token: string): Promise<boolean>;
}

export function usersIn(database: Database): Users {
  return {
    async findByToken(token) {
      const row = await database
        .selectFrom("tokens")
        .innerJoin("users", "users.id", "tokens.user_id")
        .select(["users.id", "users.tenant_id", "users.role"])
        .where("tokens.hash", "=", hashOfToken(token))
        .executeTakeFirst();
      return row && { userId: row.id, tenantId: row.tenant_id, role: row.role };
    },

    bootstrap: (token) =>
      database.transaction().execute(async (transaction) => {
        const someone = await transaction.selectFrom("users").select("id").limit(1).executeTakeFirst();
        if (someone) return false;
        const created_at = new Date().toISOString();
        const tenant = { id: randomUUID(), name: "First tenant", created_at };
        const user = { id: randomUUID(), tenant_id: tenant.id, role: "admin" as const, created_at };
        await transaction.insertInto("tenants").values(tenant).execute();
        await transaction.insertInto("users").values(user).execute();
        await transaction
          .insertInto("tokens")
          .values({ id: randomUUID(), user_id: user.id, hash: hashOfToken(token), created_at })
          .execute();
        return true;
      }),
  };
}

/** Tokens are UUIDs, which are case-insensitive; they carry 122 random bits, so an unsalted hash is enough. */
function hashOfToken(token: string): string {
  return createHash("sha256").update(token.toLowerCase()).digest("hex");
}
