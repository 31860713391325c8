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
 * `<operationId>QueryKey`; one that reads in pages has the same with `Infinite`; one with an effect has
 * `<operationId>Mutation`, for `useMutation`. Data is what calls of the client resolve with; errors are `WutsError`s.
 */
export type WutsQueries = { readonly [Name in keyof typeof generated]: Bound<(typeof generated)[Name]> };

/** What a query or a mutation takes: the parameters of its operation, grouped by where in the request they go. */
export type QueryParameters<Options> = Pick<Options, Extract<keyof Options, "body" | "path" | "query">> & {
  /** Sent along. Part of a query's key. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * TanStack Query options that ask through a client. Query keys hold where its server is and a fingerprint of its token,
 * never the token, so that clients may share a `QueryClient`. A query that is cancelled ends its call.
 */
export function createWutsQueries(wuts: Wuts): WutsQueries {
  const client = clientOf(wuts);
  const user = fingerprint(String(client.getConfig().auth));
  const queries = Object.entries(generated).map(([name, make]) => [
    name,
    (parameters?: object) => withUser(user, (make as Make)({ ...parameters, client })),
  ]);
  // The generator's types have the envelope, and its own errors; `WutsQueries` is those types as it really is.
  return Object.fromEntries(queries) as WutsQueries;
}

/** Any of the generated functions: they make a query key, the options of a query, or those of a mutation. */
type Make = (options: { client: Client }) => Key | { readonly queryKey?: Key };

type Key = readonly [object];

/** Two users of one server must not be shown each other's answers. */
function withUser(user: string, made: ReturnType<Make>): unknown {
  if (!("queryKey" in made)) return isKey(made) ? [{ ...made[0], user }] : made;
  return { ...made, queryKey: [{ ...made.queryKey?.[0], user }] };
}

function isKey(made: ReturnType<Make>): made is Key {
  return Array.isArray(made);
}

/** What `createWuts` makes keeps the generated client in a field that its types hide. */
function clientOf(wuts: Wuts): Client {
  return (wuts as unknown as { readonly client: Client }).client;
}

/** FNV-1a, 32 bits: tells users apart, and gives away too little of a token's 122 random bits to find it. */
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

/** The caller says which page comes first and which next. */
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
