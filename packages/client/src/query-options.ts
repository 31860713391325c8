import type { QueryFunction, QueryKey } from "@tanstack/react-query";

export type { InfiniteData, UseMutationOptions } from "@tanstack/react-query";

/** A query as the generator writes it. `PageParam` says which page to ask for; `never` where there are no pages. */
export interface GeneratedQuery<Body, Key extends QueryKey, PageParam = never> {
  readonly queryFn: QueryFunction<Body, Key, PageParam>;
  readonly queryKey: Key;
}

/**
 * In place of TanStack's function of the same name, which does as little. What that one returns is spelt out in our
 * declarations, and differently by each version of TanStack Query, so that they would go with one version only.
 */
export function queryOptions<Body, _Error, _Data, Key extends QueryKey>(
  query: GeneratedQuery<Body, Key>,
): GeneratedQuery<Body, Key> {
  return query;
}

/** As `queryOptions`, for what is read page by page. */
export function infiniteQueryOptions<Body, _Error, _Data, Key extends QueryKey, PageParam>(
  query: GeneratedQuery<Body, Key, PageParam>,
): GeneratedQuery<Body, Key, PageParam> {
  return query;
}
