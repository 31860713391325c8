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
import type { Caller } from "../kernel/caller.ts";
import { readInPieces } from "../kernel/concurrency/batch-loader.ts";
import { Failure, type RefusedHolder, validationFailure } from "../kernel/failures.ts";
import { requireRoom } from "../kernel/quotas.ts";
import type { Database } from "../storage/engine/database.ts";
import { moveKeptResponses } from "../storage/idempotency/idempotency-keys.repository.ts";
import type { KeepResponse } from "../storage/idempotency/keep-response.ts";
import { cursorOf, type KeysetCursor, type Page, paginate } from "../storage/pagination/keyset-cursor.ts";
import type { Tables } from "../storage/schema/tables.ts";
import { tokenView, userView } from "./account-views.ts";
import type { Quotas } from "./quotas.ts";
import { auditRepository } from "./repositories/audit.repository.ts";
import { withAuthorizedTransaction } from "./repositories/authorized-transaction.ts";
import { type FoundCode, signInCodeRepository } from "./repositories/sign-in-codes.repository.ts";
import { tenantRepository } from "./repositories/tenants.repository.ts";
import { tokenRepository } from "./repositories/tokens.repository.ts";
import { userRepository } from "./repositories/users.repository.ts";
import type { TokenCache } from "./token-cache.ts";

/**
 * The tokens of users. Callers manage their own tokens; admins manage those of all users in their tenant.
 *
 * A token that a caller creates for themselves ends with the token that created it. A sign-in code, and every token that comes
 * of it, also ends with the token that created the code, even if the code is for another user: revoking the first token revokes
 * everything that began with it. A token that an admin creates for another user is independent of the admin's token.
 */
export class Tokens {
  readonly #database: Database;
  readonly #tokens: TokenCache;
  readonly #quotas: Quotas;
  readonly #findCode: (code: string) => Promise<FoundCode | undefined>;

  constructor(database: Database, tokens: TokenCache, quotas: Quotas) {
    this.#database = database;
    this.#tokens = tokens;
    this.#quotas = quotas;
    this.#findCode = readInPieces((codes) => signInCodeRepository(database).find(codes), codesAtOnce);
  }

  /** @throws Failure UserNotFound */
  async list(
    caller: Caller,
    userId: string,
    limit: number,
    after: KeysetCursor | undefined,
  ): Promise<Page<Token>> {
    await mayWorkFor(this.#database, caller, userId);
    const rows = await tokenRepository(this.#database).listOwned(userId, limit + 1, after);
    return paginate(rows, limit, tokenView, cursorOf);
  }

  /**
   * @returns the new token, with what it is sent as
   * @throws Failure UserNotFound, QuotaReached, ValidationFailed when it were to outlive the token that it ends with
   */
  async create(
    caller: Caller,
    userId: string,
    { name, expires_in }: NewToken,
    keep: KeepResponse,
  ): Promise<CreatedToken> {
    const created = await withAuthorizedTransaction(this.#database, caller, async (change) => {
      const { transaction, caller: callerNow, until, record } = change;
      await mayWorkFor(transaction, callerNow, userId);
      const there = await tokenRepository(transaction).count(userId, new Date());
      const whose = userId === caller.userId ? "you have" : "the user has";
      requireRoom(whose, "tokens", there, this.#quotas.limits.tokens);
      const isTheirs = userId === caller.userId || userId === caller.signedInBy;
      const { token, row } = await tokenRepository(transaction).create(userId, {
        name,
        expiresAt: endOf(expires_in, isTheirs ? until : undefined),
        ...(isTheirs && {
          parentId: caller.tokenId,
          signedInBy: userId === caller.userId ? caller.signedInBy : null,
        }),
      });
      const details = { user_id: userId, name };
      await record({ action: "token.created", target: { type: "token", id: row.id }, details });
      const made = { ...tokenView(row), token };
      await keep(transaction, made);
      return made;
    });
    this.#tokens.invalidate();
    return created;
  }

  /**
   * Revokes a token, and all tokens made with it, at once.
   * @param successorId a token made with the revoked one, which stays and takes its place
   * @throws Failure UserNotFound, TokenNotFound, ValidationFailed when the successor is none
   */
  async delete(
    caller: Caller,
    userId: string,
    tokenId: string,
    successorId: string | undefined,
  ): Promise<void> {
    await withAuthorizedTransaction(
      this.#database,
      caller,
      async ({ transaction, caller: callerNow, record }) => {
        await mayWorkFor(transaction, callerNow, userId);
        const tokens = tokenRepository(transaction);
        const row = await tokens.findOwned(userId, tokenId);
        if (!row) throw new Failure("TokenNotFound");
        if (successorId !== undefined) {
          const successor = await tokens.findOwned(userId, successorId);
          if (successor?.parent_id !== tokenId) throw noSuccessor();
          await tokens.takePlace(successorId, row);
          await moveKeptResponses(transaction, tokenId, successorId);
        }
        const others = await tokens.listEndingWith(tokenId, new Date());
        await tokens.delete(userId, tokenId);
        for (const { id, user_id, name } of [row, ...others]) {
          const reason = id === tokenId ? { successor_id: successorId } : { ended_with: tokenId };
          const details = { user_id, name, ...reason };
          await record({ action: "token.deleted", target: { type: "token", id }, details });
        }
      },
    );
    this.#tokens.invalidate();
  }

  /**
   * @returns a code that signs the user in, once, while the caller's token works
   * @throws Failure UserNotFound, ValidationFailed when it were to outlive the caller's token
   */
  createSignInCode(
    caller: Caller,
    userId: string,
    { expires_in }: NewSignInCode,
    keep: KeepResponse,
  ): Promise<SignInCode> {
    return withAuthorizedTransaction(
      this.#database,
      caller,
      async ({ transaction, caller: callerNow, until, record }) => {
        await mayWorkFor(transaction, callerNow, userId);
        const expiresAt = endIn(expires_in, until);
        const { code, row } = await signInCodeRepository(transaction).create(
          userId,
          caller.tokenId,
          expiresAt,
        );
        const details = { user_id: userId, name: codeName };
        await record({ action: "token.created", target: { type: "token", id: row.id }, details });
        const made = { code, user_id: userId, expires_at: row.expires_at };
        await keep(transaction, made);
        return made;
      },
    );
  }

  /** @returns the user that a code signs in; the code stays valid @throws Failure SignInCodeNotFound */
  async checkSignInCode(code: string): Promise<CheckedSignInCode> {
    const found = await this.#findCode(code);
    const now = new Date();
    if (!found || found.expiresAt <= now) throw new Failure("SignInCodeNotFound");
    const parent =
      found.parentId === null || (await tokenRepository(this.#database).findAgain(found.parentId, now));
    const user = parent ? await userRepository(this.#database).findActive(found.userId) : undefined;
    const tenant = user && (await tenantRepository(this.#database).find(user.tenant_id));
    if (!tenant) throw new Failure("SignInCodeNotFound");
    return {
      user_id: user.id,
      email: user.email,
      role: user.role,
      tenant_name: tenant.name,
      expires_at: found.expiresAt.toISOString(),
    };
  }

  /**
   * Signs a user in with a code: creates a token for the code's user, which ends with the token that created the code. The code
   * is used up then, even if the response never arrives.
   * @throws Failure SignInCodeNotFound, QuotaReached
   */
  async signIn(code: string, requestId: string): Promise<SignedIn> {
    // Guesses cost one read for many of them, however many there are, and no write.
    if (!(await this.#findCode(code))) throw new Failure("SignInCodeNotFound");
    // Outside the transaction: a code that was tried stays used up, even if the sign-in then fails.
    const taken = await signInCodeRepository(this.#database).take(code);
    if (!taken) throw new Failure("SignInCodeNotFound");
    if (taken.expiresAt.getTime() <= Date.now()) throw await this.#refusedSignIn(taken.userId, "expired");
    const signedIn = await this.#database.transaction().execute(async (transaction) => {
      const found = await userRepository(transaction).findActive(taken.userId);
      if (!found) return "disabled";
      await tenantRepository(transaction).lock(found.tenant_id);
      // Read again under the lock: before it, another caller could change or disable the user.
      const user = await userRepository(transaction).findActive(found.id);
      if (!user) return "disabled";
      const now = Date.now();
      const { parentId } = taken;
      const parent =
        parentId === null ? undefined : await tokenRepository(transaction).findAgain(parentId, new Date(now));
      if (parentId !== null && !parent) return "ended";
      const maker = parent && (parent.holder.signedInBy ?? parent.holder.userId);
      const signedInBy = maker === undefined || maker === user.id ? null : maker;
      const expiresAt = new Date(
        Math.min(now + consoleTokenLastsMs, parent?.expiresAt?.getTime() ?? Infinity),
      );
      const there = await tokenRepository(transaction).count(user.id, new Date(now));
      requireRoom("the user has", "tokens", there, this.#quotas.limits.tokens);
      const { token, row } = await tokenRepository(transaction).create(user.id, {
        name: consoleTokenName,
        expiresAt,
        parentId,
        signedInBy,
      });
      await auditRepository(transaction).add({
        tenantId: user.tenant_id,
        actor: { kind: "user", id: user.id, signedInBy, tokenId: row.id, requestId },
        action: "token.created",
        target: { type: "token", id: row.id },
        details: { user_id: user.id, name: consoleTokenName },
      });
      return { user: userView(user), token, token_id: row.id, expires_at: expiresAt.toISOString() };
    });
    if (typeof signedIn === "string") throw await this.#refusedSignIn(taken.userId, signedIn);
    this.#tokens.invalidate();
    return signedIn;
  }

  async #refusedSignIn(userId: string, reason: RefusedHolder["reason"]): Promise<Failure> {
    const tenantId = await userRepository(this.#database).tenantOf(userId);
    return new Failure("SignInCodeNotFound", {
      ...(tenantId !== undefined && { refusedHolder: { tenantId, userId, reason } }),
    });
  }
}

/** The number of codes looked up in one query. */
const codesAtOnce = 500;

const consoleTokenName = "Console";

const consoleTokenLastsMs = 12 * 60 * 60 * 1000;

const codeName = "Sign-in code";

/**
 * @param expiresIn seconds
 * @param until when the token that it ends with stops working; `undefined`: never, or there is none
 * @throws Failure ValidationFailed when that is sooner
 */
function endIn(expiresIn: number, until: Date | undefined): Date {
  const end = new Date(Date.now() + expiresIn * 1000);
  if (!until || end <= until) return end;
  const left = Math.max(0, Math.floor((until.getTime() - Date.now()) / 1000));
  throw validationFailure({
    field: "expires_in",
    message: `what is made with a token ends with it, and this one works until ${until.toISOString()}: at most ${left}`,
  });
}

/** As `endIn`; without an earlier expiry, the new token ends with its parent. */
function endOf(expiresIn: number | undefined, until: Date | undefined): Date | null {
  return expiresIn === undefined ? (until ?? null) : endIn(expiresIn, until);
}

function noSuccessor(): Failure {
  return validationFailure({
    field: "successor_id",
    message: "must be the id of a token of the user that was made with the one that is revoked",
  });
}

async function mayWorkFor(database: Kysely<Tables>, caller: Caller, userId: string): Promise<void> {
  const mayKnow = userId === caller.userId || caller.role === "admin";
  const user = mayKnow ? await userRepository(database).find(caller.tenantId, userId) : undefined;
  if (!user) throw new Failure("UserNotFound");
}
