import { type CreatedToken, contract } from "@wuts/contract";
import { z } from "zod";
import { tokenView } from "../accounts/account-views.ts";
import { auditRepository } from "../accounts/repositories/audit.repository.ts";
import { tenantRepository } from "../accounts/repositories/tenants.repository.ts";
import { tokenRepository } from "../accounts/repositories/tokens.repository.ts";
import { userRepository } from "../accounts/repositories/users.repository.ts";
import { withDatabase } from "../app/with-database.ts";
import { readConfig } from "../config/config.ts";
import type { Database } from "../storage/engine/database.ts";
import type { UserRow } from "../storage/schema/tables.ts";
import { CommandFailed, WrongCall } from "./command-failed.ts";
import type { Environment } from "./environment.ts";
import { iterateUsers } from "./iterate-users.ts";

export interface TokenCreateOptions {
  /** Id or e-mail address. */
  readonly user: string;
  readonly name: string;
  /** RFC 3339 date or time, or days such as `90d`; never, unless given. */
  readonly expires?: string;
  /** Id or name. */
  readonly tenant?: string;
  readonly json?: boolean;
}

/**
 * Creates a token and prints it, this once.
 * @throws WrongCall for an invalid name or expiry, CommandFailed when no user, or more than one, matches
 */
export async function tokenCreate(environment: Environment, options: TokenCreateOptions): Promise<void> {
  const token = { name: readName(options.name), expiresAt: readExpiry(options.expires) };
  const { user, created } = await withDatabase(readConfig(environment), async (database) => {
    const found = await findUser(database, options.user, options.tenant);
    return { user: found, created: await create(database, found, token) };
  });
  process.stdout.write(options.json ? `${JSON.stringify(created, null, 2)}\n` : report(user, created));
  if (user.active === 0)
    process.stderr.write("The user is disabled: no token of theirs works until they are enabled.\n");
}

async function findUser(database: Database, idOrEmail: string, tenant: string | undefined): Promise<UserRow> {
  const wanted = idOrEmail.toLowerCase();
  const found: UserRow[] = [];
  for await (const { user } of iterateUsers(database, tenant)) {
    if (user.id === wanted || user.email?.toLowerCase() === wanted) found.push(user);
  }
  const [user, ...others] = found;
  if (!user) throw new CommandFailed("There is no such user: wuts user list names all there are.");
  if (others.length > 0) {
    throw new CommandFailed(
      `${found.length} users have this e-mail address: name the tenant with --tenant, or the user by the id.`,
    );
  }
  return user;
}

/** Creates the token as the HTTP operation does, on behalf of the operator. */
function create(
  database: Database,
  { id, tenant_id }: UserRow,
  { name, expiresAt }: { name: string; expiresAt: Date | null },
): Promise<CreatedToken> {
  return database.transaction().execute(async (transaction) => {
    await tenantRepository(transaction).lock(tenant_id);
    if (!(await userRepository(transaction).find(tenant_id, id)))
      throw new CommandFailed("The user is gone.");
    const { token, row } = await tokenRepository(transaction).create(id, { name, expiresAt });
    await auditRepository(transaction).add({
      tenantId: tenant_id,
      actor: { kind: "system", id: null, signedInBy: null, tokenId: null, requestId: null },
      action: "token.created",
      target: { type: "token", id: row.id },
      details: { user_id: id, name },
    });
    return { ...tokenView(row), token };
  });
}

function report({ email, id, role }: UserRow, { token, expires_at }: CreatedToken): string {
  const end = expires_at === null ? "does not expire" : `expires at ${expires_at}`;
  return `This token of ${email ?? id}, ${role}, ${end}. It is shown this once and stored nowhere:\n\n  ${token}\n`;
}

/** The limits that the contract sets when a token is created over HTTP. */
const limits = z
  .object({
    NewDisplayName: z.object({ maxLength: z.number(), pattern: z.string() }),
    NewToken: z.object({
      properties: z.object({ expires_in: z.object({ minimum: z.number(), maximum: z.number() }) }),
    }),
  })
  .parse(contract.components.schemas);

/** @throws WrongCall for a name that the contract rejects */
export function readName(name: string): string {
  const { maxLength, pattern } = limits.NewDisplayName;
  if (name.length <= maxLength && new RegExp(pattern, "u").test(name)) return name;
  throw new WrongCall(
    `--name takes 1 to ${maxLength} characters, not only blanks and no control characters.`,
  );
}

/** @returns `null` for a token that does not expire. @throws WrongCall for a time that the contract rejects */
export function readExpiry(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  const at = days === undefined ? readTime(text) : Date.now() + Number(days) * 24 * 3_600_000;
  const seconds = (at - Date.now()) / 1_000;
  const { minimum, maximum } = limits.NewToken.properties.expires_in;
  if (seconds >= minimum && seconds <= maximum) return new Date(at);
  throw new WrongCall(
    `--expires takes a time that is ${minimum} s to ${maximum / (24 * 3_600)} days from now: a date such as 2030-12-31 (its first moment, UTC), a time such as 2030-12-31T12:00:00Z, or days such as 90d.`,
  );
}

/** @returns milliseconds since the epoch, or NaN */
function readTime(text: string): number {
  const isTime = [z.iso.date(), z.iso.datetime({ offset: true })].some(
    (format) => format.safeParse(text).success,
  );
  return isTime ? Date.parse(text) : Number.NaN;
}
