import type {
  CheckedSignInCode,
  CreatedToken,
  NewSignInCode,
  NewToken,
  SignedIn,
  SignInCode,
  Token,
} from "@wuts/contract";
import type { Kysely } from "kysely";
import type { Caller } from "../caller.ts";
import { Failure, type RefusedHolder } from "../failures.ts";
import { requireRoom } from "../quotas.ts";
import { auditIn } from "../storage/audit.ts";
import { changeFor } from "../storage/change-for.ts";
import type { Database } from "../storage/database.ts";
import { creationOf, type Page, type Position, pageOf } from "../storage/position.ts";
import { type FoundCode, signInCodesIn } from "../storage/sign-in-codes.ts";
import type { Tables } from "../storage/tables.ts";
import { tenantsIn } from "../storage/tenants.ts";
import { tokensIn } from "../storage/tokens.ts";
import { readInPieces } from "../storage/turns.ts";
import { usersIn } from "../storage/users.ts";
import type { KnownTokens } from "./known-tokens.ts";
import type { Quotas } from "./quotas.ts";
import { tokenView, userView } from "./views.ts";

/** The tokens of users: callers work with their own, admins with those of everybody in their tenant. */
export class Tokens {
  readonly #database: Database;
  readonly #known: KnownTokens;
  readonly #quotas: Quotas;
  readonly #findCode: (code: string) => Promise<FoundCode | undefined>;

  constructor(database: Database, known: KnownTokens, quotas: Quotas) {
    this.#database = database;
    this.#known = known;
    this.#quotas = quotas;
    this.#findCode = readInPieces((codes) => signInCodesIn(database).find(codes), codesAtOnce);
  }

  /** @throws Failure UserNotFound */
  async list(
    caller: Caller,
    userId: string,
    limit: number,
    after: Position | undefined,
  ): Promise<Page<Token>> {
    await mayWorkFor(this.#database, caller, userId);
    const rows = await tokensIn(this.#database).listOwned(userId, limit + 1, after);
    return pageOf(rows, limit, tokenView, creationOf);
  }

  /** @returns the new token, with what it is sent as @throws Failure UserNotFound, QuotaReached */
  async create(caller: Caller, userId: string, { name, expires_in }: NewToken): Promise<CreatedToken> {
    const created = await changeFor(this.#database, caller, async (change) => {
      const { transaction, caller: callerNow, record } = change;
      await mayWorkFor(transaction, callerNow, userId);
      const there = await tokensIn(transaction).count(userId, new Date());
      const whose = userId === caller.userId ? "you have" : "the user has";
      requireRoom(whose, "tokens", there, this.#quotas.limits.tokens);
      const expiresAt = expires_in === undefined ? null : new Date(Date.now() + expires_in * 1000);
      const { token, row } = await tokensIn(transaction).create(userId, { name, expiresAt });
      const details = { user_id: userId, name };
      await record({ action: "token.created", target: { type: "token", id: row.id }, details });
      return { ...tokenView(row), token };
    });
    this.#known.forget();
    return created;
  }

  /** Ends a token, at once. @throws Failure UserNotFound, TokenNotFound */
  async delete(caller: Caller, userId: string, tokenId: string): Promise<void> {
    await changeFor(this.#database, caller, async ({ transaction, caller: callerNow, record }) => {
      await mayWorkFor(transaction, callerNow, userId);
      const row = await tokensIn(transaction).findOwned(userId, tokenId);
      if (!row) throw new Failure("TokenNotFound");
      await tokensIn(transaction).delete(userId, tokenId);
      const details = { user_id: userId, name: row.name };
      await record({ action: "token.deleted", target: { type: "token", id: tokenId }, details });
    });
    this.#known.forget();
  }

  /** @returns a code that signs the user in, once @throws Failure UserNotFound */
  createSignInCode(caller: Caller, userId: string, { expires_in }: NewSignInCode): Promise<SignInCode> {
    return changeFor(this.#database, caller, async ({ transaction, caller: callerNow, record }) => {
      await mayWorkFor(transaction, callerNow, userId);
      const expiresAt = new Date(Date.now() + expires_in * 1000);
      const { code, row } = await signInCodesIn(transaction).create(userId, expiresAt);
      const details = { user_id: userId, name: codeName };
      await record({ action: "token.created", target: { type: "token", id: row.id }, details });
      return { code, user_id: userId, expires_at: row.expires_at };
    });
  }

  /** @returns whom a code signs in, which stays as good as it was @throws Failure SignInCodeNotFound */
  async checkSignInCode(code: string): Promise<CheckedSignInCode> {
    const found = await this.#findCode(code);
    if (!found || Date.parse(found.expiresAt) <= Date.now()) throw new Failure("SignInCodeNotFound");
    const user = await usersIn(this.#database).findActive(found.userId);
    const tenant = user && (await tenantsIn(this.#database).find(user.tenant_id));
    if (!tenant) throw new Failure("SignInCodeNotFound");
    return {
      user_id: user.id,
      email: user.email,
      role: user.role,
      tenant_name: tenant.name,
      expires_at: found.expiresAt,
    };
  }

  /**
   * Signs in whoever has a code: makes a token for its user. The code is gone then, whatever becomes of the answer.
   * @throws Failure SignInCodeNotFound
   */
  async signIn(code: string, requestId: string): Promise<SignedIn> {
    // Guessing costs one read for many, however much of it there is, and writes nothing.
    if (!(await this.#findCode(code))) throw new Failure("SignInCodeNotFound");
    // In no transaction: a code that was tried stays taken also when its user is disabled.
    const taken = await signInCodesIn(this.#database).take(code);
    if (!taken) throw new Failure("SignInCodeNotFound");
    if (taken.isExpired) throw await this.#refusedSignIn(taken.userId, "expired");
    const signedIn = await this.#database.transaction().execute(async (transaction) => {
      const found = await usersIn(transaction).findActive(taken.userId);
      if (!found) return undefined;
      await tenantsIn(transaction).lock(found.tenant_id);
      // Until then somebody else could change or disable them.
      const user = await usersIn(transaction).findActive(found.id);
      if (!user) return undefined;
      const expiresAt = new Date(Date.now() + consoleTokenLastsMs);
      const { token, row } = await tokensIn(transaction).create(user.id, {
        name: consoleTokenName,
        expiresAt,
      });
      await auditIn(transaction).add({
        tenantId: user.tenant_id,
        actor: { kind: "user", id: user.id, requestId },
        action: "token.created",
        target: { type: "token", id: row.id },
        details: { user_id: user.id, name: consoleTokenName },
      });
      return { user: userView(user), token, token_id: row.id, expires_at: expiresAt.toISOString() };
    });
    if (!signedIn) throw await this.#refusedSignIn(taken.userId, "disabled");
    this.#known.forget();
    return signedIn;
  }

  async #refusedSignIn(userId: string, reason: RefusedHolder["reason"]): Promise<Failure> {
    const tenantId = await usersIn(this.#database).tenantOf(userId);
    return new Failure("SignInCodeNotFound", {
      ...(tenantId !== undefined && { refusedHolder: { tenantId, userId, reason } }),
    });
  }
}

/** How many codes are looked for in one query. */
const codesAtOnce = 500;

const consoleTokenName = "Console";

const consoleTokenLastsMs = 12 * 60 * 60 * 1000;

const codeName = "Sign-in code";

async function mayWorkFor(database: Kysely<Tables>, caller: Caller, userId: string): Promise<void> {
  const mayKnow = userId === caller.userId || caller.role === "admin";
  const user = mayKnow ? await usersIn(database).find(caller.tenantId, userId) : undefined;
  if (!user) throw new Failure("UserNotFound");
}
