import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorAlert } from "../components/error-alert.tsx";
import { LoadMoreButton } from "../components/load-more-button.tsx";
import { Page } from "../components/page.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import { AddUser } from "./add-user.tsx";
import { UserCard } from "./user-card.tsx";

/** The users of the tenant, for its admins. */
export function UsersPage() {
  const { users } = useTexts();
  const { queries } = useSession();
  const list = useInfiniteQuery(queries.users.list.infiniteQueryOptions({ limit: 50 }));
  const [isAdding, setIsAdding] = useState(false);
  return (
    <Page
      title={users.title}
      actions={
        <button type="button" className="primary" onClick={() => setIsAdding(true)}>
          {users.add}
        </button>
      }
    >
      {list.error && <ErrorAlert error={list.error} retry={() => void list.refetch()} />}
      <ul className="cards">
        {list.data?.pages
          .flatMap(({ items }) => items)
          .map((user) => (
            <UserCard key={user.id} user={user} />
          ))}
      </ul>
      <LoadMoreButton pages={list} />
      {isAdding && <AddUser onClose={() => setIsAdding(false)} />}
    </Page>
  );
}
