import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../components/error-alert.tsx";
import { More, pageByPage } from "../components/load-more-button.tsx";
import { Page } from "../components/page.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import { AddPerson } from "./add-user.tsx";
import { PersonCard } from "./user-card.tsx";

/** The people of the tenant, for its admins. */
export function PeoplePage() {
  const { people } = useTexts();
  const { queries } = useSession();
  const list = useInfiniteQuery({
    ...queries.listUsersInfiniteOptions({ query: { limit: 50 } }),
    ...pageByPage,
  });
  const [isAdding, setIsAdding] = useState(false);
  return (
    <Page
      title={people.title}
      actions={
        <button type="button" className="primary" onClick={() => setIsAdding(true)}>
          {people.add}
        </button>
      }
    >
      {list.error && <Problem error={list.error} retry={() => void list.refetch()} />}
      <ul className="cards">
        {list.data?.pages
          .flatMap(({ items }) => items)
          .map((user) => (
            <PersonCard key={user.id} user={user} />
          ))}
      </ul>
      <More pages={list} />
      {isAdding && <AddPerson onClose={() => setIsAdding(false)} />}
    </Page>
  );
}
