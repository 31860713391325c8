import { withDatabase } from "../app/with-database.ts";
import { readConfig } from "../config/config.ts";
import type { Environment } from "./environment.ts";
import { iterateUsers, type Member } from "./iterate-users.ts";

export interface UserListOptions {
  /** Id or name. */
  readonly tenant?: string;
  readonly json?: boolean;
}

/** Prints the users. @throws CommandFailed when there is no such tenant */
export async function userList(environment: Environment, { tenant, json }: UserListOptions): Promise<void> {
  const members: Member[] = [];
  await withDatabase(readConfig(environment), async (database) => {
    for await (const member of iterateUsers(database, tenant)) members.push(member);
  });
  process.stdout.write(
    json ? `${JSON.stringify({ users: members.map(asJson) }, null, 2)}\n` : table(members),
  );
}

function asJson({ tenant, user }: Member): object {
  const { id, tenant_id, email, role, active, created_at } = user;
  return { id, tenant_id, tenant_name: tenant.name, email, role, active: active === 1, created_at };
}

function table(members: readonly Member[]): string {
  if (members.length === 0) return "There are no users.\n";
  const rows = [
    ["ID", "TENANT", "E-MAIL", "ROLE", "ACTIVE", "CREATED"],
    ...members.map(({ tenant, user: { id, email, role, active, created_at } }) => [
      id,
      tenant.name,
      email ?? "-",
      role,
      active === 1 ? "yes" : "no",
      created_at,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}
