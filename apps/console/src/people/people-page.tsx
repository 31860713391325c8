import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { More, pageByPage } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { Problem } from "../parts/problem.tsx";
import { useSession } from "../session/session.tsx";
import { useTexts } from "../texts/texts.tsx";
import { AddPerson } from "./add-person.tsx";
import { PersonCard } from "./person-card.tsx";

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
