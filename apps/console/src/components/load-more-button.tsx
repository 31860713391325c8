import { useTexts } from "../i18n/locale-provider.tsx";

interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
}

/** Shows the next page of a list, if there is one. */
export function LoadMoreButton({ pages }: { readonly pages: Pages }) {
  const { app } = useTexts();
  if (!pages.hasNextPage) return null;
  return (
    <button
      type="button"
      className="more"
      disabled={pages.isFetchingNextPage}
      onClick={() => void pages.fetchNextPage()}
    >
      {app.more}
    </button>
  );
}

/** What the pages of a list have in common, as TanStack Query wants to be told. */
export const pageByPage = {
  initialPageParam: {},
  getNextPageParam: ({ next_cursor }: { readonly next_cursor: string | null }) => next_cursor,
};
