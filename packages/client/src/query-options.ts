import type { QueryFunction, QueryKey } from "@tanstack/react-query";

export type { InfiniteData, UseMutationOptions } from "@tanstack/react-query";

/** A query of the generator. `PageParam` is the type of a page's parameter; `never` without pagination. */
export interface GeneratedQuery<Body, Key extends QueryKey, PageParam = never> {
  readonly queryFn: QueryFunction<Body, Key, PageParam>;
  readonly queryKey: Key;
}

/**
 * Replaces TanStack Query's function of the same name, which also returns its argument. The return type of that one would be
 * part of our declarations and differs between versions of TanStack Query, so that the declarations would fit one version only.
 */
export function queryOptions<Body, _Error, _Data, Key extends QueryKey>(
  query: GeneratedQuery<Body, Key>,
): GeneratedQuery<Body, Key> {
  return query;
}

/** As `queryOptions`, for paginated queries. */
export function infiniteQueryOptions<Body, _Error, _Data, Key extends QueryKey, PageParam>(
  query: GeneratedQuery<Body, Key, PageParam>,
): GeneratedQuery<Body, Key, PageParam> {
  return query;
}
