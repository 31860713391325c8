import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Token, User } from "@wuts/client";
import { useState } from "react";
import { Link } from "wouter";
import { Confirmation } from "../components/dialog.tsx";
import { Problem } from "../components/error-alert.tsx";
import { useShowSecret } from "../components/secrets.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useTimes } from "../i18n/times.ts";
import { useSession } from "../session/session.tsx";
import { signInLink } from "../session/sign-in-links.ts";
import { ChangeRole } from "./change-role.tsx";
import { secondsLeft } from "./seconds-left.ts";

/** One person: who they are, and what can be done about them. What changes what they may do is done after a question. */
export function PersonCard({ user }: { readonly user: User }) {
  const { people } = useTexts();
  const { on } = useTimes();
  const { me } = useSession();
  const who = user.email ?? people.noEmail;
  return (
    <li className="card">
      <div className="card-head">
        <h2>{who}</h2>
        {user.id === me.user.id && <span className="state idle">{people.you}</span>}
        {!user.active && <span className="state bad">{people.inactive}</span>}
      </div>
      <dl className="facts">
        <div>
          <dt>{people.since}</dt>
          <dd>{on(user.created_at)}</dd>
        </div>
        <div>
          <dt>{people.role}</dt>
          <dd>{people.roles[user.role]}</dd>
        </div>
      </dl>
      <PersonActions user={user} who={who} />
    </li>
  );
}

function PersonActions({ user, who }: { readonly user: User; readonly who: string }) {
  const { people } = useTexts();
  const { at } = useTimes();
  const { me, queries } = useSession();
  const client = useQueryClient();
  const showSecret = useShowSecret();
  const [asked, setAsked] = useState<"role" | "switch" | "remove">();
  const changed = {
    onSuccess() {
      setAsked(undefined);
      return client.invalidateQueries({ queryKey: queries.listUsersQueryKey() });
    },
  };
  const update = useMutation({ ...queries.updateUserMutation(), ...changed });
  const promote = useMutation({ ...queries.promoteUserMutation(), ...changed });
  const remove = useMutation({ ...queries.deleteUserMutation(), ...changed });
  const link = useMutation({
    ...queries.createSignInCodeMutation(),
    onSuccess: ({ code, expires_at }) =>
      showSecret({
        title: people.link,
        about: people.aboutLink(who, at(expires_at)),
        secret: signInLink(code),
      }),
  });
  const path = { user_id: user.id };
  const isMe = user.id === me.user.id;
  const cancel = () => {
    for (const { reset } of [update, promote, remove]) reset();
    setAsked(undefined);
  };
  return (
    <>
      {link.error && <Problem error={link.error} />}
      <fieldset className="actions" aria-label={people.actionsOf(who)}>
        <Link className="button" href={`/people/${user.id}/tokens`}>
          {people.tokens}
        </Link>
        {user.active && (
          <button
            type="button"
            disabled={link.isPending}
            onClick={() => link.mutate({ path, body: { expires_in: linkLasts(me.token) } })}
          >
            {people.link}
          </button>
        )}
        <button type="button" disabled={isMe} onClick={() => setAsked("role")}>
          {people.changeRole}
        </button>
        <button type="button" disabled={isMe} onClick={() => setAsked("switch")}>
          {user.active ? people.switchOff : people.switchOn}
        </button>
        <button type="button" className="quiet-danger" disabled={isMe} onClick={() => setAsked("remove")}>
          {people.remove}
        </button>
      </fieldset>
      {asked === "role" && (
        <ChangeRole
          title={people.changeRoleOf(who)}
          role={user.role}
          doing={promote}
          onConfirm={(role) => promote.mutate({ path, body: { new_role: role } })}
          onCancel={cancel}
        />
      )}
      {asked === "switch" && (
        <Confirmation
          title={user.active ? people.confirmSwitchOff(who) : people.confirmSwitchOn(who)}
          about={user.active ? people.aboutSwitchOff : people.aboutSwitchOn}
          confirm={user.active ? people.switchOff : people.switchOn}
          doing={update}
          onConfirm={() => update.mutate({ path, body: { active: !user.active } })}
          onCancel={cancel}
        />
      )}
      {asked === "remove" && (
        <Confirmation
          title={people.confirmRemove(who)}
          about={people.aboutRemove}
          confirm={people.remove}
          doing={remove}
          onConfirm={() => remove.mutate({ path })}
          onCancel={cancel}
        />
      )}
    </>
  );
}

/** A day: links are sent to people who may be asleep; and no longer than the token that the link is made with. In seconds. */
const linkLasts = (token: Token) => Math.max(60, Math.min(86_400, secondsLeft(token)));
