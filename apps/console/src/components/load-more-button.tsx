import { useTexts } from "../i18n/locale-provider.tsx";

interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
}

/** Loads the next page of a list; hidden on the last page. */
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
