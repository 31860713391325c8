import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { AuditEntry } from "@wuts/client";
import { ErrorAlert } from "../components/error-alert.tsx";
import { LoadMoreButton } from "../components/load-more-button.tsx";
import { Page } from "../components/page.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useTimes } from "../i18n/times.ts";
import { useSession } from "../session/session.tsx";

/** The audit trail for admins, newest entries first. */
export function AuditPage() {
  const { audit } = useTexts();
  const { queries } = useSession();
  const list = useInfiniteQuery({
    ...queries.audit.listEntries.infiniteQueryOptions({ limit: 50 }),
    refetchInterval: 10_000,
  });
  const names = useNames();
  const entries = list.data?.pages.flatMap(({ items }) => items);
  return (
    <Page title={audit.title}>
      {list.error && !entries && <ErrorAlert error={list.error} retry={() => void list.refetch()} />}
      {entries?.length === 0 && <p className="empty">{audit.none}</p>}
      {entries && entries.length > 0 && names && (
        <ol className="card entries">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} names={names} />
          ))}
        </ol>
      )}
      <LoadMoreButton pages={list} />
    </Page>
  );
}

/** The names of users and devices by their ids. */
type Names = ReadonlyMap<string, string>;

function Entry({
  entry: { actor, action, at, target, details, request_id },
  names,
}: {
  readonly entry: AuditEntry;
  readonly names: Names;
}) {
  const { app, audit } = useTexts();
  const { exactlyAt } = useTimes();
  const nameOf = (userId: string | null) => names.get(userId ?? "") ?? audit.gone;
  const acted = actor.type === "user" ? nameOf(actor.user_id) : audit[actor.type];
  const who = actor.by_user_id === null ? acted : audit.as(nameOf(actor.by_user_id), acted);
  return (
    <li className="entry">
      <time dateTime={at}>{exactlyAt(at)}</time>
      <span className="entry-what">
        <strong>{who}</strong> {audit.actions[action]}
        {typeof details.left_out === "number" && ` (${audit.leftOut(details.left_out)})`}
        {typeof details.operation === "string" && (
          <>
            {" "}
            <code>{details.operation}</code>
          </>
        )}
      </span>
      <span className="entry-target">
        {audit.targets[target.type]} {names.get(target.id) ?? <code>{target.id}</code>}
      </span>
      {request_id && (
        <span className="entry-request quiet">
          {app.requestId} <code>{request_id}</code>
        </span>
      )}
    </li>
  );
}

/** @returns `undefined` until both lists are loaded or failed, so that entries do not change their layout later */
function useNames(): Names | undefined {
  const { users: texts } = useTexts();
  const { queries } = useSession();
  const users = useQuery({ ...queries.users.list.queryOptions({ limit: 100 }), staleTime: 30_000 });
  const devices = useQuery({ ...queries.devices.list.queryOptions({ limit: 100 }), staleTime: 30_000 });
  if (users.isPending || devices.isPending) return undefined;
  return new Map([
    ...(users.data?.items ?? []).map(({ id, email }) => [id, email ?? texts.noEmail] as const),
    ...(devices.data?.items ?? []).map(({ id, name }) => [id, name] as const),
  ]);
}
