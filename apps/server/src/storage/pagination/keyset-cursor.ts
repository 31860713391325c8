import { type RawBuilder, type SqlBool, sql } from "kysely";

/** A place in a list that is ordered by time, and by id among those of one moment; the list goes on after it. */
export interface Position {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly id: string;
}

/** One page of a list, and where the next one starts. */
export interface Page<Item> {
  readonly items: Item[];
  /** `undefined` on the last page. */
  readonly next: Position | undefined;
}

/** The rows behind a place in a list that is ordered by `created_at` and `id`, oldest first. */
export function createdAfter({ at, id }: Position): RawBuilder<SqlBool> {
  return sql<SqlBool>`(created_at, id) > (${at}, ${id})`;
}

/**
 * @param rows one more than fit on a page, if there are that many
 * @param limit how many fit
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
  position: (row: Row) => Position,
): Page<Item> {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { items: page.map(view), next: last === undefined ? undefined : position(last) };
}

/** @returns the place of a row in a list that is ordered by `created_at` and `id` */
export function creationOf(row: { readonly created_at: string; readonly id: string }): Position {
  return { at: row.created_at, id: row.id };
}
