import { type Expression, expressionBuilder, type SqlBool } from "kysely";

/** Where a list that is ordered by time goes on: after the row of this time, and of this id among those of one moment. */
export interface KeysetCursor {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly id: string;
}

/** One page of a list, and where the next one starts. */
export interface Page<Item> {
  readonly items: Item[];
  /** `undefined` on the last page. */
  readonly next: KeysetCursor | undefined;
}

/** The rows after a cursor in a list that is ordered by `created_at` and `id`, oldest first. */
export function afterCursor({ at, id }: KeysetCursor): Expression<SqlBool> {
  return created(created.refTuple("created_at", "id"), ">", created.tuple(at, id));
}

const created = expressionBuilder<{ list: { created_at: string; id: string } }, "list">();

/**
 * @param rows one more than fit on a page, if there are that many
 * @param limit how many fit
 */
export function paginate<Row, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
  cursor: (row: Row) => KeysetCursor,
): Page<Item> {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { items: page.map(view), next: last === undefined ? undefined : cursor(last) };
}

/** @returns the cursor after a row in a list that is ordered by `created_at` and `id` */
export function cursorOf(row: { readonly created_at: string; readonly id: string }): KeysetCursor {
  return { at: row.created_at, id: row.id };
}
