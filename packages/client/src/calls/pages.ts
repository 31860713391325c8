import { createError } from "../errors/create-error.ts";
import type { CallName, WutsError } from "../errors/wuts-error.ts";
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

/** A page of a list. */
export interface Page {
  readonly items: readonly unknown[];
  /** Where the next page starts; `null` after the last one. */
  readonly next_cursor: string | null;
}

/** @throws WutsError with `UNEXPECTED_ANSWER` when what a call resolved with is no page */
export function assertPage(call: CallName, page: unknown): asserts page is Page {
  if (isPage(page)) return;
  throw createError("the answer is not a page of a list", unexpected(call));
}

/** Creates the error of a list that a server lets lead back to an earlier page: it would never end. */
export function cursorRepeated(call: CallName): WutsError {
  return createError("the server repeats a cursor, so its list would never end", unexpected(call));
}

type Method = (parameters: object, options: object | undefined) => Promise<unknown>;

async function* itemsOf(
  call: CallName,
  ask: (cursor: string | undefined) => Promise<unknown>,
): AsyncGenerator<unknown, void, undefined> {
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const page = await ask(cursor);
    assertPage(call, page);
    yield* page.items;
    if (page.next_cursor === null) return;
    cursor = page.next_cursor;
    if (cursors.has(cursor)) throw cursorRepeated(call);
    cursors.add(cursor);
  }
}

function unexpected(call: CallName) {
  return { status: 200, code: "UNEXPECTED_ANSWER", call } as const;
}

function isPage(page: unknown): page is Page {
  if (typeof page !== "object" || page === null || !("items" in page && "next_cursor" in page)) return false;
  return Array.isArray(page.items) && (page.next_cursor === null || typeof page.next_cursor === "string");
}
