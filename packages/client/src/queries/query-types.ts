import type {
  DataTag,
  InfiniteData,
  QueryFunction,
  QueryKey,
  UseInfiniteQueryOptions,
  UseMutationOptions,
  UseQueryOptions,
} from "@tanstack/react-query";
import type { CallName, WutsErrorOf } from "../errors/wuts-error.ts";
import type { CallOptions } from "../index.ts";

/** The options of the calls that a query makes. Its `signal` is TanStack Query's, and its headers are part of the query key. */
export type QueryCallOptions = Omit<CallOptions, "signal">;

/** What all groups have. */
export interface GroupQueries {
  /** The first part of the keys of all queries of this group, to invalidate them together. */
  queryKey(): QueryKey;
}

/** A call that reads, for `useQuery` and its like. */
export interface QueryCall<Parameters extends readonly unknown[], Data, Name extends CallName> {
  /**
   * Options for `useQuery`, `useSuspenseQuery` and `fetchQuery`, to be spread where more are needed.
   * @param args the parameters of the call, if it has any, and the options of the call
   */
  queryOptions(...args: [...Parameters, options?: QueryCallOptions]): QueryOptionsOf<Data, Name>;
  /**
   * The key of a query. It is the beginning of the keys of queries with more parameters, which are invalidated with it.
   * @param args some parameters of the call, and the headers that the query was made with
   */
  queryKey(...args: [...Partly<Parameters>, options?: QueryCallOptions]): QueryKeyOf<Data, Name>;
}

/** A call that reads page by page, for `useInfiniteQuery` too. */
export interface PagedQueryCall<
  Parameters extends readonly unknown[],
  ParametersOfAll extends readonly unknown[],
  Data,
  Name extends CallName,
> extends QueryCall<Parameters, Data, Name> {
  /**
   * Options for `useInfiniteQuery` and `fetchInfiniteQuery`, complete: they know where the next page starts.
   * @param args the parameters of the call without its cursor, and the options of the call
   */
  infiniteQueryOptions(
    ...args: [...ParametersOfAll, options?: QueryCallOptions]
  ): InfiniteQueryOptionsOf<Data, Name>;
  /**
   * The key of an infinite query.
   * @param args the parameters of the call without its cursor, and the headers that the query was made with
   */
  infiniteQueryKey(...args: [...ParametersOfAll, options?: QueryCallOptions]): InfiniteQueryKeyOf<Data, Name>;
}

/** A call that changes something, for `useMutation`. */
export interface MutationCall<Parameters, Data, Name extends CallName> {
  /**
   * Options for `useMutation`, to be spread where more are needed. `mutate` takes the parameters of the call.
   * @param options the options of the calls that it makes
   */
  mutationOptions(options?: QueryCallOptions): MutationOptionsOf<Parameters, Data, Name>;
}

/** Options of a query, with the types of its data and of its errors. */
export type QueryOptionsOf<Data, Name extends CallName> = Omit<
  UseQueryOptions<Data, WutsErrorOf<Name>, Data, QueryKey>,
  "queryFn" | "queryKey"
> & {
  /** Makes the call. */
  queryFn: QueryFunction<Data, QueryKey>;
  /** What the data are stored under. */
  queryKey: QueryKeyOf<Data, Name>;
};

/** Options of an infinite query, with the types of its data and of its errors. */
export type InfiniteQueryOptionsOf<Data, Name extends CallName> = Omit<
  UseInfiniteQueryOptions<Data, WutsErrorOf<Name>, InfiniteData<Data, Cursor>, QueryKey, Cursor>,
  "queryFn" | "queryKey"
> & {
  /** Makes the call for a page. */
  queryFn: QueryFunction<Data, QueryKey, Cursor>;
  /** What the pages are stored under. */
  queryKey: InfiniteQueryKeyOf<Data, Name>;
};

/** Options of a mutation, with the types of its parameters, of its data and of its errors. */
export type MutationOptionsOf<Parameters, Data, Name extends CallName> = Omit<
  UseMutationOptions<Data, WutsErrorOf<Name>, Parameters>,
  "mutationFn"
> & {
  /** Makes the call. */
  mutationFn: (parameters: Parameters) => Promise<Data>;
};

/** The key of a query, which knows the types of what is stored under it. */
export type QueryKeyOf<Data, Name extends CallName> = DataTag<QueryKey, Data, WutsErrorOf<Name>>;

/** The key of an infinite query, which knows the types of what is stored under it. */
export type InfiniteQueryKeyOf<Data, Name extends CallName> = DataTag<
  QueryKey,
  InfiniteData<Data, Cursor>,
  WutsErrorOf<Name>
>;

/** Where a page starts; `null` for the first one. */
export type Cursor = string | null;

/** Parameters of which any may be left out. */
type Partly<Parameters extends readonly unknown[]> = {
  [Index in keyof Parameters]?: Partial<Parameters[Index]>;
};
