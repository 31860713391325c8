import { hash, randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { Role } from "../roles.ts";
import { createdAfter, type Position } from "./position.ts";
import type { Tables, TokenRow } from "./tables.ts";

/** Who holds a token: an active user. */
export interface TokenHolder {
  readonly userId: string;
  readonly tenantId: string;
  readonly role: Role;
  readonly tokenId: string;
}

/** A token that may be used, as far as it is known without a clock. */
export interface KnownToken {
  readonly holder: TokenHolder;
  readonly expiresAt: Date | undefined;
  readonly lastUsedAt: Date | undefined;
}

/** A token that does not work any more, or not now. */
export interface RefusedToken {
  readonly holder: TokenHolder;
  readonly reason: "expired" | "disabled";
}

export interface NewToken {
  readonly name: string;
  /** Never, unless given. */
  readonly expiresAt?: Date | null;
  /** A UUID v4; a random one unless given. */
  readonly token?: string;
  /** Whether it is shown on a terminal, where others may find it; not unless given. */
  readonly printed?: boolean;
}

export interface TokenRows {
  /** @returns the token itself, which is stored nowhere, and what is stored of it */
  create(userId: string, token: NewToken): Promise<{ token: string; row: TokenRow }>;
  /**
   * Finds who holds a token: by its hash, in an index, so that how long it takes tells nothing about the token.
   * @param now tokens that are expired then are as unknown as those of users who are disabled
   * @param tellRefused hears of those
   */
  find(
    hashOfToken: string,
    now: Date,
    tellRefused?: (refused: RefusedToken) => void,
  ): Promise<KnownToken | undefined>;
  /** As `find`, for a token that was found before: whether it still works, and what its holder is by now. */
  findAgain(id: string, now: Date): Promise<KnownToken | undefined>;
  /** @returns the hashes of all tokens, whether they work or not */
  listHashes(): Promise<ReadonlySet<string>>;
  /** @returns the token with this id if this user has it */
  findOwned(userId: string, id: string): Promise<TokenRow | undefined>;
  /** @returns at most `limit` tokens of this user, oldest first, expired ones included */
  listOwned(userId: string, limit: number, after?: Position): Promise<TokenRow[]>;
  /** How many tokens of this user have not expired then. */
  count(userId: string, now: Date): Promise<number>;
  /** Notes that a token was used, unless a use since `unlessAfter` is noted. */
  noteUse(id: string, at: Date, unlessAfter: Date): Promise<void>;
  /** @returns whether this user had such a token, which is gone now */
  delete(userId: string, id: string): Promise<boolean>;
}

/** @param database or a transaction on it */
export function tokensIn(database: Kysely<Tables>): TokenRows {
  const findBy = async (
    column: "hash" | "id",
    value: string,
    now: Date,
    tellRefused: (refused: RefusedToken) => void = () => undefined,
  ): Promise<KnownToken | undefined> => {
    const row = await database
      .selectFrom("tokens")
      .innerJoin("users", "users.id", "tokens.user_id")
      .select([
        "tokens.id as token_id",
        "tokens.expires_at",
        "tokens.last_used_at",
        "users.id as user_id",
        "users.tenant_id",
        "users.role",
        "users.active",
      ])
      .where(`tokens.${column}`, "=", value)
      .executeTakeFirst();
    if (!row) return undefined;
    const holder = { userId: row.user_id, tenantId: row.tenant_id, role: row.role, tokenId: row.token_id };
    const expiresAt = dateOf(row.expires_at);
    const isExpired = expiresAt !== undefined && expiresAt <= now;
    if (row.active === 1 && !isExpired) return { holder, expiresAt, lastUsedAt: dateOf(row.last_used_at) };
    tellRefused({ holder, reason: isExpired ? "expired" : "disabled" });
    return undefined;
  };

  return {
    async create(userId, { name, expiresAt, token = randomUUID(), printed = false }) {
      const row: TokenRow = {
        id: randomUUID(),
        user_id: userId,
        hash: hashOfToken(token),
        name,
        first_characters: token.toLowerCase().slice(0, 4),
        expires_at: expiresAt?.toISOString() ?? null,
        last_used_at: null,
        printed: printed ? 1 : 0,
        created_at: new Date().toISOString(),
      };
      await database.insertInto("tokens").values(row).execute();
      return { token, row };
    },

    find: (hash, now, tellRefused) => findBy("hash", hash, now, tellRefused),

    findAgain: (id, now) => findBy("id", id, now),

    async listHashes() {
      const rows = await database.selectFrom("tokens").select("hash").execute();
      return new Set(rows.map(({ hash }) => hash));
    },

    findOwned: (userId, id) =>
      database
        .selectFrom("tokens")
        .selectAll()
        .where("id", "=", id)
        .where("user_id", "=", userId)
        .executeTakeFirst(),

    listOwned(userId, limit, after) {
      let query = database.selectFrom("tokens").selectAll().where("user_id", "=", userId);
      if (after) query = query.where(createdAfter(after));
      return query.orderBy("created_at").orderBy("id").limit(limit).execute();
    },

    async count(userId, now) {
      const { tokens } = await database
        .selectFrom("tokens")
        .select(({ fn }) => fn.countAll().as("tokens"))
        .where("user_id", "=", userId)
        .where(({ or, eb }) => or([eb("expires_at", "is", null), eb("expires_at", ">", now.toISOString())]))
        .executeTakeFirstOrThrow();
      return Number(tokens);
    },

    async noteUse(id, at, unlessAfter) {
      await database
        .updateTable("tokens")
        .set({ last_used_at: at.toISOString() })
        .where("id", "=", id)
        .where(({ or, eb }) =>
          or([eb("last_used_at", "is", null), eb("last_used_at", "<=", unlessAfter.toISOString())]),
        )
        .execute();
    },

    async delete(userId, id) {
      const { numDeletedRows } = await database
        .deleteFrom("tokens")
        .where("id", "=", id)
        .where("user_id", "=", userId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  };
}

/**
 * @param token a UUID in any case: UUIDs are case-insensitive. It carries 122 random bits, so an unsalted hash is enough.
 * @returns what is stored of a token: its SHA-256, in hex
 */
export function hashOfToken(token: string): string {
  return hash("sha256", token.toLowerCase());
}

function dateOf(text: string | null): Date | undefined {
  return text === null ? undefined : new Date(text);
}
