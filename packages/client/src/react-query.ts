import type { QueryKey } from "@tanstack/react-query";
import { assertPage, cursorRepeated, type Page } from "./calls/pages.ts";
import type { CallName } from "./errors/wuts-error.ts";
import type { Client } from "./generated/client/index.gen.ts";
import { type Queries, queryCalls } from "./generated/queries.gen.ts";
import type { Wuts } from "./index.ts";
import type { Cursor, QueryCallOptions } from "./queries/query-types.ts";

export type * from "./generated/queries.gen.ts";
export type * from "./queries/query-types.ts";

/**
 * TanStack Query options by group and call, with the names of the client: `queries.devices.list` for `wuts.devices.list()`.
 * A call that reads has `queryOptions` and `queryKey`, and with pages also `infiniteQueryOptions`; one that changes something has
 * `mutationOptions`. The data are what the client's calls resolve with; errors are `WutsError`s with the codes of the call.
 */
export interface WutsQueries extends Queries {}

/**
 * Creates TanStack Query options that make calls by a client. Query keys contain the `baseUrl` and a fingerprint of the token,
 * never the token, so that clients can share a `QueryClient`. A cancelled query aborts its call.
 * @param wuts the client
 */
export function createWutsQueries(wuts: Wuts): WutsQueries {
  const { auth, baseUrl } = clientOf(wuts).getConfig();
  const who = { baseUrl: String(baseUrl), user: fingerprint(String(auth)) };
  const groups = Object.entries(queryCalls).map(([tag, calls]) => {
    const own = Object.entries(calls).map(([name, kind]) => [
      name,
      queriesOf({ call: `${tag}.${name}` as CallName, make: callOf(wuts, tag, name, kind), who }, kind),
    ]);
    return [tag, { queryKey: () => [root, who, tag], ...Object.fromEntries(own) }];
  });
  // The generated types say what the table that this is made from says, and what each call takes and gives.
  return Object.fromEntries(groups) as WutsQueries;
}

/** What the keys of all queries begin with, beside those of other libraries. */
const root = "wuts";

/** A call of a client, whether it takes parameters or not. */
type Make = (parameters: object | undefined, options: object) => Promise<unknown>;

interface BoundCall {
  readonly call: CallName;
  readonly make: Make;
  /** Of the client: two users of a server must not share what is cached. */
  readonly who: Readonly<Record<string, string>>;
}

type Arguments = readonly (object | undefined)[];

function callOf(wuts: Wuts, tag: string, name: string, kind: string): Make {
  const group = Reflect.get(wuts, tag);
  return isBare(kind)
    ? (_parameters, options) => group[name](options)
    : (parameters, options) => group[name](parameters, options);
}

/** Whether a call takes no parameters, so that its options come first. */
function isBare(kind: string): boolean {
  return kind.startsWith("bare ");
}

function queriesOf(bound: BoundCall, kind: string): object {
  const { make } = bound;
  const given = (args: Arguments) =>
    isBare(kind) ? { options: args[0] } : { parameters: args[0], options: args[1] };
  const queryKey = (...args: Arguments) => keyOf(bound, given(args));
  if (kind.endsWith("mutation"))
    return {
      mutationOptions: (options?: QueryCallOptions) => ({
        mutationFn: (parameters?: object) => make(parameters, { ...options }),
      }),
    };
  const query = {
    queryKey,
    queryOptions: (...args: Arguments) => {
      const { parameters, options } = given(args);
      return {
        queryFn: ({ signal }: Context) => make(parameters, { ...options, signal }),
        queryKey: queryKey(...args),
      };
    },
  };
  return kind === "pages" ? { ...query, ...infiniteQueryOf(bound) } : query;
}

function infiniteQueryOf({ call, make, who }: BoundCall): object {
  const infiniteQueryKey = (parameters?: object, options?: object) => [
    // Not the key of a query of one page, whose data are others. Still, that one's key begins it, to invalidate both.
    ...keyOf({ call, make, who }, { parameters: { ...parameters }, options }),
    "pages",
  ];
  return {
    infiniteQueryKey,
    infiniteQueryOptions: (parameters?: object, options?: object) => ({
      queryFn: async ({ signal, pageParam = null }: Context) => {
        if (pageParam?.startsWith(repeated)) throw cursorRepeated(call);
        const cursor = pageParam !== null && { cursor: pageParam };
        const page = await make({ ...parameters, ...cursor }, { ...options, signal });
        assertPage(call, page);
        return page;
      },
      queryKey: infiniteQueryKey(parameters, options),
      initialPageParam: null,
      getNextPageParam: (
        { next_cursor }: Page,
        _pages: unknown,
        _last: unknown,
        cursors: readonly Cursor[],
      ) =>
        next_cursor !== null && cursors.includes(next_cursor) ? `${repeated}${next_cursor}` : next_cursor,
    }),
  };
}

/** Marks a cursor that led to an earlier page, so that the next page fails instead of being requested again. No cursor has it. */
const repeated = "repeated:";

interface Context {
  readonly signal: AbortSignal;
  readonly pageParam?: Cursor;
}

/** Headers that the user chose may change what is answered, so queries with other ones have other keys. */
function keyOf(
  { call, who }: BoundCall,
  {
    parameters,
    options,
  }: { readonly parameters?: object | undefined; readonly options?: QueryCallOptions | undefined },
): QueryKey {
  const { headers } = { ...options };
  const asked = headers === undefined ? who : { ...who, headers };
  return [root, asked, ...call.split("."), ...(parameters === undefined ? [] : [parameters])];
}

/** @returns the generated client, which is in a field that the type of `Wuts` hides */
function clientOf(wuts: Wuts): Client {
  return (wuts as unknown as { readonly client: Client }).client;
}

/** FNV-1a with 32 bits: distinguishes users, and reveals too little of a token's 122 random bits to find it. */
function fingerprint(token: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(token)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(36);
}
