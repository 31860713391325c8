import type {
  DataTag,
  InfiniteData,
  QueryFunction,
  QueryKey,
  UseInfiniteQueryOptions,
  UseMutationOptions,
  UseQueryOptions,
} from "@tanstack/react-query";
import type { WutsError } from "./error.ts";
import type { Client } from "./generated/client/index.gen.ts";
import * as generated from "./generated/queries.gen.ts";
import type { Wuts } from "./index.ts";
import type { GeneratedQuery } from "./query-options.ts";
import type { Unwrapped } from "./unwrapped.ts";

/**
 * TanStack Query options by operation. An operation that reads has `<operationId>Options`, for `useQuery`, and
 * `<operationId>QueryKey`. A paginated operation also has both with `Infinite`. An operation that writes has
 * `<operationId>Mutation`, for `useMutation`. The data are what the client's calls resolve with; errors are `WutsError`s.
 */
export type WutsQueries = { readonly [Name in keyof typeof generated]: Bound<(typeof generated)[Name]> };

/** The parameters of an operation, grouped into path, query and body. */
export type QueryParameters<Options> = Pick<Options, Extract<keyof Options, "body" | "path" | "query">> & {
  /** Extra request headers. They are part of the query key. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Creates TanStack Query options that send requests by a client. Query keys contain the `baseUrl` and a fingerprint of the token,
 * never the token, so that clients can share a `QueryClient`. A cancelled query aborts its call.
 */
export function createWutsQueries(wuts: Wuts): WutsQueries {
  const client = clientOf(wuts);
  const user = fingerprint(String(client.getConfig().auth));
  const queries = Object.entries(generated).map(([name, make]) => [
    name,
    (parameters?: object) => withUser(user, (make as Make)({ ...parameters, client })),
  ]);
  // The generated types have the envelope and other errors; `WutsQueries` has the actual types.
  return Object.fromEntries(queries) as WutsQueries;
}

/** A generated function, which returns a query key, query options or mutation options. */
type Make = (options: { client: Client }) => Key | { readonly queryKey?: Key };

type Key = readonly [object];

/** Adds the user to a query key: two users of a server must not share cached responses. */
function withUser(user: string, made: ReturnType<Make>): unknown {
  if (!("queryKey" in made)) return isKey(made) ? [{ ...made[0], user }] : made;
  return { ...made, queryKey: [{ ...made.queryKey?.[0], user }] };
}

function isKey(made: ReturnType<Make>): made is Key {
  return Array.isArray(made);
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

type Bound<Make> = Make extends (...args: infer Args) => infer Made
  ? (...args: BoundArguments<Args>) => Answered<Made>
  : never;

type BoundArguments<Args extends unknown[]> = {
  [Index in keyof Args]: QueryParameters<Exclude<Args[Index], undefined>>;
};

type Answered<Made> =
  Made extends UseMutationOptions<infer Body, infer _Error, infer Options>
    ? Mutation<Unwrapped<Body>, QueryParameters<Options>>
    : Made extends GeneratedQuery<infer Body, infer Key, infer PageParam>
      ? [PageParam] extends [never]
        ? Query<Unwrapped<Body>, Key>
        : InfiniteQuery<Unwrapped<Body>, Key, PageParam>
      : Made;

type Query<Data, Key extends QueryKey> = Omit<
  UseQueryOptions<Data, WutsError, Data, Key>,
  keyof GeneratedQuery<Data, Key>
> & {
  queryFn: QueryFunction<Data, Key>;
  queryKey: DataTag<Key, Data, WutsError>;
};

/** Without the options of pagination, which the caller adds. */
type InfiniteQuery<Data, Key extends QueryKey, PageParam> = Omit<
  UseInfiniteQueryOptions<Data, WutsError, InfiniteData<Data, PageParam>, Key, PageParam>,
  keyof GeneratedQuery<Data, Key> | "getNextPageParam" | "initialPageParam"
> & {
  queryFn: QueryFunction<Data, Key, PageParam>;
  queryKey: DataTag<Key, InfiniteData<Data, PageParam>, WutsError>;
};

type Mutation<Data, Parameters> = UseMutationOptions<
  Data,
  WutsError,
  // biome-ignore lint/suspicious/noConfusingVoidType: only void lets `mutate()` go without its argument
  Record<never, never> extends Parameters ? Parameters | void : Parameters
>;
