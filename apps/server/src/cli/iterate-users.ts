import { tenantRepository } from "../accounts/repositories/tenants.repository.ts";
import { userRepository } from "../accounts/repositories/users.repository.ts";
import type { Database } from "../storage/engine/database.ts";
import { cursorOf, type KeysetCursor } from "../storage/pagination/keyset-cursor.ts";
import type { TenantRow, UserRow } from "../storage/schema/tables.ts";
import { CommandFailed } from "./command-failed.ts";

export interface Member {
  readonly tenant: TenantRow;
  readonly user: UserRow;
}

/**
 * Iterates over the users of all tenants, or of one tenant, the oldest first.
 * @param tenantWanted id or name
 * @throws CommandFailed when there is no such tenant
 */
export async function* iterateUsers(database: Database, tenantWanted?: string): AsyncGenerator<Member> {
  const tenants =
    tenantWanted === undefined ? allTenants(database) : [await theTenant(database, tenantWanted)];
  for await (const tenant of tenants) {
    const list = (after: KeysetCursor | undefined) =>
      userRepository(database).list(tenant.id, pageLength, after);
    for await (const user of rowsOf(list)) yield { tenant, user };
  }
}

const pageLength = 500;

function allTenants(database: Database): AsyncGenerator<TenantRow> {
  return rowsOf((after) => tenantRepository(database).list(pageLength, after));
}

async function theTenant(database: Database, idOrName: string): Promise<TenantRow> {
  const byId = await tenantRepository(database).find(idOrName.toLowerCase());
  if (byId) return byId;
  for await (const tenant of allTenants(database)) if (tenant.name === idOrName) return tenant;
  throw new CommandFailed("There is no tenant of this id or name.");
}

async function* rowsOf<Row extends { readonly created_at: string; readonly id: string }>(
  list: (after: KeysetCursor | undefined) => Promise<Row[]>,
): AsyncGenerator<Row> {
  let page = await list(undefined);
  while (page.length > 0) {
    yield* page;
    const last = page.at(-1);
    page = last && page.length === pageLength ? await list(cursorOf(last)) : [];
  }
}
