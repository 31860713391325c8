import { hash, randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { Role } from "../../kernel/roles.ts";
import { afterCursor, type KeysetCursor } from "../../storage/pagination/keyset-cursor.ts";
import type { Tables, TokenRow, UserRow } from "../../storage/schema/tables.ts";

/** The holder of a token: an active user. */
export interface TokenHolder {
  readonly userId: string;
  readonly tenantId: string;
  readonly role: Role;
  readonly tokenId: string;
  /** The user who signed in as the holder; `null`: the holder themselves. */
  readonly signedInBy: string | null;
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
  /** `ended`: what it was made with does not work any more. */
  readonly reason: "expired" | "disabled" | "ended";
}

export interface NewToken {
  readonly name: string;
  /** Never, unless given. */
  readonly expiresAt?: Date | null;
  /** A UUID v4; a random one unless given. */
  readonly token?: string;
  /** Whether it is printed on a terminal, where other people may find it; not unless given. */
  readonly printed?: boolean;
  /** The token that it is made with, and with which it ends; none, unless given. */
  readonly parentId?: string | null;
  /** The user who created the sign-in code that the token comes from, if that was another user. */
  readonly signedInBy?: string | null;
}

export interface TokenRepository {
  /** @returns the token itself, which is stored nowhere, and what is stored of it */
  create(userId: string, token: NewToken): Promise<{ token: string; row: TokenRow }>;
  /**
   * Finds the holder of a token: by its hash, in an index, so that the duration reveals nothing about the token.
   * @param now the time of the check. Unknown are expired tokens, tokens of disabled users, and tokens made with such a token
   * or with a deleted one
   * @param tellRefused called with the holder of such a token
   */
  find(
    hashOfToken: string,
    now: Date,
    tellRefused?: (refused: RefusedToken) => void,
  ): Promise<KnownToken | undefined>;
  /** As `find`, for a token that was found before: whether it still works, and its holder's current state. */
  findAgain(id: string, now: Date): Promise<KnownToken | undefined>;
  /** @returns the hashes of all tokens, whether they work or not */
  listHashes(): Promise<ReadonlySet<string>>;
  /** @returns the token with this id if this user has it */
  findOwned(userId: string, id: string): Promise<TokenRow | undefined>;
  /** @returns at most `limit` tokens of this user, oldest first, expired ones included */
  listOwned(userId: string, limit: number, after?: KeysetCursor): Promise<TokenRow[]>;
  /** Counts this user's tokens that have not expired by then. */
  count(userId: string, now: Date): Promise<number>;
  /** Records that a token was used, unless a use since `unlessAfter` is recorded. */
  noteUse(id: string, at: Date, unlessAfter: Date): Promise<void>;
  /** @returns the unexpired tokens, of any users, that end with this token; without the token itself */
  listEndingWith(id: string, now: Date): Promise<TokenRow[]>;
  /** Puts a token in place of the token that created it: it then ends with the same parent. */
  takePlace(id: string, { parent_id }: Pick<TokenRow, "parent_id">): Promise<void>;
  /**
   * Removes a token with all tokens and sign-in codes that end with it.
   * @returns whether this user had such a token, which is gone now
   */
  delete(userId: string, id: string): Promise<boolean>;
  /** As `delete`, for all tokens of a user. */
  deleteAllOwned(userId: string): Promise<void>;
}

/** @param database or a transaction on it */
export function tokenRepository(database: Kysely<Tables>): TokenRepository {
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
        "tokens.parent_id",
        "tokens.signed_in_by",
        "users.id as user_id",
        "users.tenant_id",
        "users.role",
        "users.active",
      ])
      .where(`tokens.${column}`, "=", value)
      .executeTakeFirst();
    if (!row) return undefined;
    const holder: TokenHolder = {
      userId: row.user_id,
      tenantId: row.tenant_id,
      role: row.role,
      tokenId: row.token_id,
      signedInBy: row.signed_in_by,
    };
    const expiresAt = dateOf(row.expires_at);
    const reason = await whyRefused(row, now);
    if (reason === undefined) return { holder, expiresAt, lastUsedAt: dateOf(row.last_used_at) };
    tellRefused({ holder, reason });
    return undefined;
  };

  const whyRefused = async (
    { active, parent_id, expires_at }: Pick<UserRow, "active"> & Pick<TokenRow, "parent_id" | "expires_at">,
    now: Date,
  ): Promise<RefusedToken["reason"] | undefined> => {
    const expiresAt = dateOf(expires_at);
    if (expiresAt !== undefined && expiresAt <= now) return "expired";
    if (active !== 1) return "disabled";
    return parent_id === null || (await descendsFromNone(parent_id, now)) ? undefined : "ended";
  };

  /** Whether the chain of a token's parents leads to a token without a parent, and all tokens of the chain work. */
  const descendsFromNone = async (id: string, now: Date): Promise<boolean> => {
    const root = await database
      .withRecursive("working", (query) => {
        const working = query
          .selectFrom("tokens")
          .innerJoin("users", "users.id", "tokens.user_id")
          .select(["tokens.id", "tokens.parent_id"])
          .where("users.active", "=", 1)
          .where(({ or, eb }) =>
            or([eb("tokens.expires_at", "is", null), eb("tokens.expires_at", ">", now.toISOString())]),
          );
        return working
          .where("tokens.id", "=", id)
          .union(working.innerJoin("working", "working.parent_id", "tokens.id"));
      })
      .selectFrom("working")
      .select("id")
      .where("parent_id", "is", null)
      .limit(1)
      .executeTakeFirst();
    return root !== undefined;
  };

  /** Tokens, and all that end with them. */
  const familyOf = (column: "id" | "user_id", value: string) =>
    database.withRecursive("family", (query) =>
      query
        .selectFrom("tokens")
        .select("tokens.id")
        .where(`tokens.${column}`, "=", value)
        .union(
          query.selectFrom("tokens").innerJoin("family", "family.id", "tokens.parent_id").select("tokens.id"),
        ),
    );

  const deleteFamilyOf = async (column: "id" | "user_id", value: string): Promise<void> => {
    await familyOf(column, value)
      .deleteFrom("sign_in_codes")
      .where("parent_id", "in", ({ selectFrom }) => selectFrom("family").select("family.id"))
      .execute();
    await familyOf(column, value)
      .deleteFrom("tokens")
      .where("id", "in", ({ selectFrom }) => selectFrom("family").select("family.id"))
      .execute();
  };

  const findOwned = (userId: string, id: string) =>
    database
      .selectFrom("tokens")
      .selectAll()
      .where("id", "=", id)
      .where("user_id", "=", userId)
      .executeTakeFirst();

  return {
    async create(userId, { name, expiresAt, token = randomUUID(), printed = false, ...origin }) {
      const row: TokenRow = {
        id: randomUUID(),
        user_id: userId,
        hash: hashOfToken(token),
        name,
        first_characters: token.toLowerCase().slice(0, 4),
        expires_at: expiresAt?.toISOString() ?? null,
        last_used_at: null,
        printed: printed ? 1 : 0,
        parent_id: origin.parentId ?? null,
        signed_in_by: origin.signedInBy ?? null,
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

    findOwned,

    listOwned(userId, limit, after) {
      let query = database.selectFrom("tokens").selectAll().where("user_id", "=", userId);
      if (after) query = query.where(afterCursor(after));
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

    listEndingWith: (id, now) =>
      familyOf("id", id)
        .selectFrom("tokens")
        .selectAll()
        .where("id", "in", ({ selectFrom }) => selectFrom("family").select("family.id"))
        .where("id", "!=", id)
        .where(({ or, eb }) => or([eb("expires_at", "is", null), eb("expires_at", ">", now.toISOString())]))
        .orderBy("created_at")
        .orderBy("id")
        .execute(),

    async takePlace(id, { parent_id }) {
      await database.updateTable("tokens").set({ parent_id }).where("id", "=", id).execute();
    },

    async delete(userId, id) {
      const owned = await findOwned(userId, id);
      if (!owned) return false;
      await deleteFamilyOf("id", id);
      return true;
    },

    deleteAllOwned: (userId) => deleteFamilyOf("user_id", userId),
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
