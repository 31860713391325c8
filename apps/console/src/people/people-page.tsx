import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Role, User } from "@wuts/client";
import { type SubmitEvent, useState } from "react";
import { Link } from "wouter";
import { Confirmation, Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { More, pageByPage } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { Problem } from "../parts/problem.tsx";
import { useSession } from "../session/session.tsx";
import { signInLink } from "../session/sign-in-links.ts";
import { useTexts } from "../texts/texts.tsx";
import { useTimes } from "../texts/times.ts";
import { NewSecret, NewToken } from "./new-secret.tsx";

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
            <Person key={user.id} user={user} />
          ))}
      </ul>
      <More pages={list} />
      {isAdding && <AddPerson onClose={() => setIsAdding(false)} />}
    </Page>
  );
}

function Person({ user }: { readonly user: User }) {
  const { people } = useTexts();
  const { on } = useTimes();
  const { me, queries } = useSession();
  const client = useQueryClient();
  const [asked, setAsked] = useState<"switchOff" | "remove">();
  const changed = {
    onSuccess() {
      setAsked(undefined);
      return client.invalidateQueries({ queryKey: queries.listUsersQueryKey() });
    },
  };
  const update = useMutation({ ...queries.updateUserMutation(), ...changed });
  const promote = useMutation({ ...queries.promoteUserMutation(), ...changed });
  const remove = useMutation({ ...queries.deleteUserMutation(), ...changed });
  const link = useMutation(queries.createSignInCodeMutation());
  const who = user.email ?? people.noEmail;
  const path = { user_id: user.id };
  const isMe = user.id === me.user.id;
  const error = asked ? null : (update.error ?? promote.error ?? link.error);
  return (
    <li className="card">
      <div className="card-head">
        <h2>{who}</h2>
        {isMe && <span className="state idle">{people.you}</span>}
        {!user.active && <span className="state bad">{people.inactive}</span>}
      </div>
      <dl className="facts">
        <div>
          <dt>{people.since}</dt>
          <dd>{on(user.created_at)}</dd>
        </div>
        <div>
          <dt>{people.role}</dt>
          <dd>
            <select
              aria-label={people.roleOf(who)}
              value={user.role}
              disabled={promote.isPending}
              onChange={({ target }) => {
                const role = roles.find((role) => role === target.value);
                if (role) promote.mutate({ path, body: { new_role: role } });
              }}
            >
              <RoleOptions />
            </select>
          </dd>
        </div>
      </dl>
      {error && <Problem error={error} />}
      <fieldset className="actions" aria-label={people.actionsOf(who)}>
        <Link className="button" href={`/people/${user.id}/tokens`}>
          {people.tokens}
        </Link>
        {user.active && (
          <button
            type="button"
            disabled={link.isPending}
            onClick={() => link.mutate({ path, body: { expires_in: linkLastsSeconds } })}
          >
            {people.link}
          </button>
        )}
        {user.active ? (
          <button type="button" disabled={isMe} onClick={() => setAsked("switchOff")}>
            {people.switchOff}
          </button>
        ) : (
          <button type="button" onClick={() => update.mutate({ path, body: { active: true } })}>
            {people.switchOn}
          </button>
        )}
        <button type="button" className="quiet-danger" disabled={isMe} onClick={() => setAsked("remove")}>
          {people.remove}
        </button>
      </fieldset>
      {link.data && (
        <NewSecret
          title={people.link}
          about={people.aboutLink(who)}
          secret={signInLink(link.data.code)}
          onClose={link.reset}
        />
      )}
      {asked === "switchOff" && (
        <Confirmation
          title={people.confirmSwitchOff(who)}
          about={people.aboutSwitchOff}
          confirm={people.switchOff}
          doing={update}
          onConfirm={() => update.mutate({ path, body: { active: false } })}
          onCancel={() => setAsked(undefined)}
        />
      )}
      {asked === "remove" && (
        <Confirmation
          title={people.confirmRemove(who)}
          about={people.aboutRemove}
          confirm={people.remove}
          doing={remove}
          onConfirm={() => remove.mutate({ path })}
          onCancel={() => setAsked(undefined)}
        />
      )}
    </li>
  );
}

function AddPerson({ onClose }: { onClose(): void }) {
  const { app, people } = useTexts();
  const { queries } = useSession();
  const client = useQueryClient();
  const create = useMutation({
    ...queries.createUserMutation(),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.listUsersQueryKey() }),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const role = roles.find((role) => role === form.get("role")) ?? "user";
    create.mutate({
      body: { email: String(form.get("email")).trim(), password: String(form.get("password")), role },
    });
  };
  if (create.data) return <NewToken token={create.data.token} onClose={onClose} />;
  return (
    <Dialog title={people.add} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={people.email}>
          {(input) => <input {...input} name="email" type="email" autoComplete="off" required />}
        </Field>
        <Field label={people.password} hint={people.passwordHint}>
          {(input) => (
            <input
              {...input}
              name="password"
              type="password"
              autoComplete="new-password"
              minLength={12}
              maxLength={128}
              required
            />
          )}
        </Field>
        <Field label={people.role}>
          {(input) => (
            <select {...input} name="role">
              <RoleOptions />
            </select>
          )}
        </Field>
        {create.error && <Problem error={create.error} />}
        <div className="actions">
          <button type="button" onClick={onClose}>
            {app.cancel}
          </button>
          <button type="submit" className="primary" disabled={create.isPending}>
            {people.create}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function RoleOptions() {
  const { people } = useTexts();
  return roles.map((role) => (
    <option key={role} value={role}>
      {people.roles[role]}
    </option>
  ));
}

/** A day: links are sent to people who may be asleep. */
const linkLastsSeconds = 86_400;

const roles: readonly Role[] = ["user", "manager", "admin"];
