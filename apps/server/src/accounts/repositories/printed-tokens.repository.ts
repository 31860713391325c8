import type { Kysely } from "kysely";
import type { Tables } from "../../storage/schema/tables.ts";
import { hashOfToken } from "./tokens.repository.ts";

/**
 * @param given a token that the operator gave to the server, which therefore never prints it
 * @returns whether there is a token that was not shown on a terminal
 */
export async function hasUnprintedToken(
  database: Kysely<Tables>,
  given: string | undefined,
): Promise<boolean> {
  const found = await database
    .selectFrom("tokens")
    .select("id")
    .where(({ or, eb }) =>
      or([eb("printed", "=", 0), ...(given === undefined ? [] : [eb("hash", "=", hashOfToken(given))])]),
    )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
