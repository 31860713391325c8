import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Token } from "@wuts/client";
import { type SubmitEvent, useState } from "react";
import { Confirmation, Dialog } from "../components/dialog.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { Field } from "../components/field.tsx";
import { LoadMoreButton } from "../components/load-more-button.tsx";
import { Page } from "../components/page.tsx";
import { useShowSecret } from "../components/secrets.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useTimes } from "../i18n/times.ts";
import { useSession } from "../session/session.tsx";
import { secondsLeft } from "./seconds-left.ts";

/** The tokens of a user: of the caller, or for admins of any user. */
export function TokensPage({ userId }: { readonly userId: string }) {
  const { users, tokens } = useTexts();
  const { me, queries } = useSession();
  const isMe = userId === me.user.id;
  const user = useQuery({ ...queries.users.get.queryOptions({ user_id: userId }), enabled: !isMe });
  const list = useInfiniteQuery(queries.tokens.list.infiniteQueryOptions({ user_id: userId, limit: 50 }));
  const [isAdding, setIsAdding] = useState(false);
  const who = isMe ? undefined : user.data && (user.data.email ?? users.noEmail);
  return (
    <Page
      title={who === undefined ? (isMe ? tokens.yours : users.tokens) : tokens.title(who)}
      actions={
        <button type="button" className="primary" onClick={() => setIsAdding(true)}>
          {tokens.add}
        </button>
      }
    >
      {list.error && <ErrorAlert error={list.error} retry={() => void list.refetch()} />}
      <ul className="cards">
        {list.data?.pages
          .flatMap(({ items }) => items)
          .map((token) => (
            <TokenCard key={token.id} token={token} userId={userId} />
          ))}
      </ul>
      <LoadMoreButton pages={list} />
      {isAdding && <AddToken userId={userId} onClose={() => setIsAdding(false)} />}
    </Page>
  );
}

function TokenCard({ token, userId }: { readonly token: Token; readonly userId: string }) {
  const { tokens } = useTexts();
  const { at, ago } = useTimes();
  const { me, queries } = useSession();
  const client = useQueryClient();
  const [isConfirming, setIsConfirming] = useState(false);
  const revoke = useMutation({
    ...queries.tokens.delete.mutationOptions(),
    onSuccess() {
      setIsConfirming(false);
      return client.invalidateQueries({
        queryKey: queries.tokens.list.queryKey({ user_id: userId }),
      });
    },
  });
  const isMine = token.id === me.token.id;
  const hasExpired = token.expires_at !== null && Date.parse(token.expires_at) < Date.now();
  return (
    <li className="card">
      <div className="card-head">
        <h2>{token.name}</h2>
        {isMine && <span className="state good">{tokens.inUse}</span>}
        {hasExpired && <span className="state bad">{tokens.expired}</span>}
      </div>
      <dl className="facts">
        {token.first_characters && (
          <div>
            <dt>{tokens.startsWith}</dt>
            <dd>
              <code>{token.first_characters}…</code>
            </dd>
          </div>
        )}
        <div>
          <dt>{tokens.used}</dt>
          <dd>{token.last_used_at ? ago(token.last_used_at) : tokens.neverUsed}</dd>
        </div>
        <div>
          <dt>{tokens.expires}</dt>
          <dd>{token.expires_at ? at(token.expires_at) : tokens.never}</dd>
        </div>
      </dl>
      <div className="actions">
        <button type="button" className="quiet-danger" onClick={() => setIsConfirming(true)}>
          {tokens.revoke}
        </button>
      </div>
      {isConfirming && (
        <Confirmation
          title={tokens.confirmRevoke(token.name)}
          about={isMine ? tokens.aboutRevokeOwn : tokens.aboutRevoke}
          confirm={tokens.revoke}
          mutation={revoke}
          onConfirm={() => revoke.mutate({ user_id: userId, token_id: token.id })}
          onCancel={() => setIsConfirming(false)}
        />
      )}
    </li>
  );
}

function AddToken({ userId, onClose }: { readonly userId: string; onClose(): void }) {
  const { app, tokens } = useTexts();
  const { me, queries } = useSession();
  const client = useQueryClient();
  const showSecret = useShowSecret();
  // A token that a user creates for themselves expires no later than the token that creates it.
  const most = userId === me.user.id ? secondsLeft(me.token) : Number.POSITIVE_INFINITY;
  const offered = durations.filter(([, seconds]) => seconds === undefined || seconds <= most);
  const create = useMutation({
    ...queries.tokens.create.mutationOptions(),
    onSuccess({ token }) {
      showSecret({ title: tokens.theToken, about: tokens.once, secret: token });
      onClose();
      return client.invalidateQueries({
        queryKey: queries.tokens.list.queryKey({ user_id: userId }),
      });
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const seconds = durations.find(([name]) => name === form.get("lasts"))?.[1];
    create.mutate({
      user_id: userId,
      name: String(form.get("name")).trim(),
      ...(seconds !== undefined && { expires_in: seconds }),
    });
  };
  return (
    <Dialog title={tokens.add} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={tokens.name} hint={tokens.nameHint}>
          {(input) => <input {...input} name="name" maxLength={100} autoComplete="off" required />}
        </Field>
        <Field label={tokens.lasts}>
          {(input) => (
            <select
              {...input}
              name="lasts"
              defaultValue={offered.some(([name]) => name === "month") ? "month" : "ever"}
            >
              {offered.map(([name]) => (
                <option key={name} value={name}>
                  {name === "ever" && Number.isFinite(most) ? tokens.asLong : tokens.durations[name]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {create.error && <ErrorAlert error={create.error} />}
        <div className="actions">
          <button type="button" onClick={onClose}>
            {app.cancel}
          </button>
          <button type="submit" className="primary" disabled={create.isPending}>
            {tokens.create}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The lifetimes to choose from, in seconds. */
const durations = [
  ["day", 86_400],
  ["month", 30 * 86_400],
  ["year", 365 * 86_400],
  ["ever", undefined],
] as const;
