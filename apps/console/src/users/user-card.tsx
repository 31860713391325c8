import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Token, User } from "@wuts/client";
import { useState } from "react";
import { Link } from "wouter";
import { Confirmation } from "../components/dialog.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { useShowSecret } from "../components/secrets.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useTimes } from "../i18n/times.ts";
import { useSession } from "../session/session.tsx";
import { signInLink } from "../session/sign-in-links.ts";
import { ChangeRole } from "./change-role.tsx";
import { secondsLeft } from "./seconds-left.ts";

/** A user with their actions. Every action that changes their permissions asks for confirmation. */
export function UserCard({ user }: { readonly user: User }) {
  const { users } = useTexts();
  const { on } = useTimes();
  const { me } = useSession();
  const who = user.email ?? users.noEmail;
  return (
    <li className="card">
      <div className="card-head">
        <h2>{who}</h2>
        {user.id === me.user.id && <span className="state idle">{users.you}</span>}
        {!user.active && <span className="state bad">{users.inactive}</span>}
      </div>
      <dl className="facts">
        <div>
          <dt>{users.since}</dt>
          <dd>{on(user.created_at)}</dd>
        </div>
        <div>
          <dt>{users.role}</dt>
          <dd>{users.roles[user.role]}</dd>
        </div>
      </dl>
      <UserActions user={user} who={who} />
    </li>
  );
}

function UserActions({ user, who }: { readonly user: User; readonly who: string }) {
  const { users } = useTexts();
  const { at } = useTimes();
  const { me, queries } = useSession();
  const client = useQueryClient();
  const showSecret = useShowSecret();
  const [confirming, setConfirming] = useState<"role" | "switch" | "remove">();
  const changed = {
    onSuccess() {
      setConfirming(undefined);
      return client.invalidateQueries({ queryKey: queries.users.list.queryKey() });
    },
  };
  const update = useMutation({ ...queries.users.update.mutationOptions(), ...changed });
  const remove = useMutation({ ...queries.users.delete.mutationOptions(), ...changed });
  const link = useMutation({
    ...queries.tokens.createSignInCode.mutationOptions(),
    onSuccess: ({ code, expires_at }) =>
      showSecret({
        title: users.link,
        about: users.aboutLink(who, at(expires_at)),
        secret: signInLink(code),
      }),
  });
  const named = { user_id: user.id };
  const isMe = user.id === me.user.id;
  const cancel = () => {
    for (const { reset } of [update, remove]) reset();
    setConfirming(undefined);
  };
  return (
    <>
      {link.error && <ErrorAlert error={link.error} />}
      <fieldset className="actions" aria-label={users.actionsOf(who)}>
        <Link className="button" href={`/users/${user.id}/tokens`}>
          {users.tokens}
        </Link>
        {user.active && (
          <button
            type="button"
            disabled={link.isPending}
            onClick={() => link.mutate({ ...named, expires_in: linkLifetime(me.token) })}
          >
            {users.link}
          </button>
        )}
        <button type="button" disabled={isMe} onClick={() => setConfirming("role")}>
          {users.changeRole}
        </button>
        <button type="button" disabled={isMe} onClick={() => setConfirming("switch")}>
          {user.active ? users.switchOff : users.switchOn}
        </button>
        <button
          type="button"
          className="quiet-danger"
          disabled={isMe}
          onClick={() => setConfirming("remove")}
        >
          {users.remove}
        </button>
      </fieldset>
      {confirming === "role" && (
        <ChangeRole
          title={users.changeRoleOf(who)}
          role={user.role}
          mutation={update}
          onConfirm={(role) => update.mutate({ ...named, role })}
          onCancel={cancel}
        />
      )}
      {confirming === "switch" && (
        <Confirmation
          title={user.active ? users.confirmSwitchOff(who) : users.confirmSwitchOn(who)}
          about={user.active ? users.aboutSwitchOff : users.aboutSwitchOn}
          confirm={user.active ? users.switchOff : users.switchOn}
          mutation={update}
          onConfirm={() => update.mutate({ ...named, active: !user.active })}
          onCancel={cancel}
        />
      )}
      {confirming === "remove" && (
        <Confirmation
          title={users.confirmRemove(who)}
          about={users.aboutRemove}
          confirm={users.remove}
          mutation={remove}
          onConfirm={() => remove.mutate(named)}
          onCancel={cancel}
        />
      )}
    </>
  );
}

/** The lifetime of a sign-in link in seconds: a day, but not longer than the token that creates it. */
const linkLifetime = (token: Token) => Math.max(60, Math.min(86_400, secondsLeft(token)));
