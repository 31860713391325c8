import { hash, randomBytes, randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { SignInCodeRow, Tables } from "../../storage/schema/tables.ts";

export interface SignInCodeRepository {
  /**
   * Creates a code for a user, and deletes expired ones and the user's oldest ones beyond `maxCodes`.
   * @param parentId the token that creates the code, and that the code ends with
   * @returns the code itself, 32 random bytes in base64url, which is stored nowhere, and the stored row
   */
  create(userId: string, parentId: string, expiresAt: Date): Promise<{ code: string; row: SignInCodeRow }>;
  /** @returns the existing ones of these codes, by code, whether they are still valid or not */
  find(codes: readonly string[]): Promise<ReadonlyMap<string, FoundCode>>;
  /** Takes a code and deletes it; of two callers at once, one gets it. @returns its row */
  take(code: string): Promise<FoundCode | undefined>;
}

/** A code, as it is or was: whether it is good depends on when it expires, on its user, and on what it was made with. */
export interface FoundCode {
  readonly userId: string;
  /** The token that it was made with; `null` for a code of an earlier version. */
  readonly parentId: string | null;
  readonly expiresAt: Date;
}

/** The number of unused codes that a user may have. */
export const maxCodes = 20;

/** @param database or a transaction on it */
export function signInCodeRepository(database: Kysely<Tables>): SignInCodeRepository {
  return {
    async create(userId, parentId, expiresAt) {
      const now = new Date().toISOString();
      const code = randomBytes(32).toString("base64url");
      await database.deleteFrom("sign_in_codes").where("expires_at", "<=", now).execute();
      const kept = database
        .selectFrom("sign_in_codes")
        .select("id")
        .where("user_id", "=", userId)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(maxCodes - 1);
      await database
        .deleteFrom("sign_in_codes")
        .where("user_id", "=", userId)
        .where("id", "not in", kept)
        .execute();
      const row: SignInCodeRow = {
        id: randomUUID(),
        user_id: userId,
        parent_id: parentId,
        hash: hashOfCode(code),
        expires_at: expiresAt.toISOString(),
        created_at: now,
      };
      await database.insertInto("sign_in_codes").values(row).execute();
      return { code, row };
    },

    async find(codes) {
      const byHash = new Map(codes.map((code) => [hashOfCode(code), code]));
      const rows = await database
        .selectFrom("sign_in_codes")
        .select(["hash", "user_id", "parent_id", "expires_at"])
        .where("hash", "in", [...byHash.keys()])
        .execute();
      return new Map(
        rows.flatMap((row) => {
          const code = byHash.get(row.hash);
          return code === undefined ? [] : [[code, foundCode(row)] as const];
        }),
      );
    },

    async take(code) {
      const row = await database
        .deleteFrom("sign_in_codes")
        .where("hash", "=", hashOfCode(code))
        .returning(["user_id", "parent_id", "expires_at"])
        .executeTakeFirst();
      return row && foundCode(row);
    },
  };
}

function foundCode(row: Pick<SignInCodeRow, "user_id" | "parent_id" | "expires_at">): FoundCode {
  return { userId: row.user_id, parentId: row.parent_id, expiresAt: new Date(row.expires_at) };
}

/** A code carries 256 random bits, so an unsalted hash is enough. */
function hashOfCode(code: string): string {
  return hash("sha256", code);
}
