import { createError } from "../errors/create-error.ts";
import type { CallName } from "../errors/wuts-error.ts";
import { pagedMethods } from "../generated/answers.gen.ts";

/** Adds a `…All…` method to the services for each operation with pages. Each page is a call of the method without it. */
export function addPages(sdk: object): void {
  for (const [tag, methods] of Object.entries(pagedMethods)) {
    const service: Record<string, Method> = Reflect.get(sdk, tag);
    for (const [name, all] of Object.entries(methods)) {
      const method = service[name]?.bind(service);
      if (method === undefined) continue;
      const call = `${tag}.${name}` as CallName;
      Reflect.set(service, all, (parameters?: object, options?: object) =>
        itemsOf(call, (cursor) =>
          method({ ...parameters, ...(cursor !== undefined && { cursor }) }, options),
        ),
      );
    }
  }
}

/**
 * Checks that a page leads on: a server that repeats a cursor would be asked for ever.
 * @param earlier the cursors that led to this page and to those before it
 * @returns the page
 * @throws WutsError with `UNEXPECTED_ANSWER` when it is no page, or its cursor is an earlier one
 */
export function checkPage<Page>(call: CallName, page: Page, earlier: ReadonlySet<unknown>): Page & AnyPage {
  const problem = isPage(page)
    ? earlier.has(page.next_cursor) && page.next_cursor !== null
      ? "the server repeats a cursor, so its list would never end"
      : undefined
    : "the answer is not a page of a list";
  if (problem === undefined) return page as Page & AnyPage;
  throw createError(problem, { status: 200, code: "UNEXPECTED_ANSWER", call, cause: page });
}

interface AnyPage {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}

type Method = (parameters: object, options: object | undefined) => Promise<unknown>;

async function* itemsOf(
  call: CallName,
  ask: (cursor: string | undefined) => Promise<unknown>,
): AsyncGenerator<unknown, void, undefined> {
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const { items, next_cursor } = checkPage(call, await ask(cursor), cursors);
    yield* items;
    if (next_cursor === null) return;
    cursors.add(next_cursor);
    cursor = next_cursor;
  }
}

function isPage(page: unknown): page is AnyPage {
  if (typeof page !== "object" || page === null || !("items" in page && "next_cursor" in page)) return false;
  return Array.isArray(page.items) && (page.next_cursor === null || typeof page.next_cursor === "string");
}
