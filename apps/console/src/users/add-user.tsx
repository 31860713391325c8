import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { SubmitEvent } from "react";
import { Dialog } from "../components/dialog.tsx";
import { Problem } from "../components/error-alert.tsx";
import { Field } from "../components/field.tsx";
import { useShowSecret } from "../components/secrets.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import { roles } from "./roles.ts";

/** Asks for an address and a role, makes the person, and shows their token. */
export function AddPerson({ onClose }: { onClose(): void }) {
  const { app, people, tokens } = useTexts();
  const { queries } = useSession();
  const client = useQueryClient();
  const showSecret = useShowSecret();
  const create = useMutation({
    ...queries.createUserMutation(),
    onSuccess({ token }) {
      showSecret({ title: tokens.theToken, about: tokens.once, secret: token });
      onClose();
      return client.invalidateQueries({ queryKey: queries.listUsersQueryKey() });
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const role = roles.find((role) => role === form.get("role")) ?? "user";
    create.mutate({ body: { email: String(form.get("email")).trim(), password: nobodysPassword(), role } });
  };
  return (
    <Dialog title={people.add} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={people.email}>
          {(input) => <input {...input} name="email" type="email" autoComplete="off" required />}
        </Field>
        <Field label={people.role}>
          {(input) => (
            <select {...input} name="role">
              {roles.map((role) => (
                <option key={role} value={role}>
                  {people.roles[role]}
                </option>
              ))}
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

/** The server wants one for everybody, and takes it for nothing: people sign in with tokens and links. So it is one that nobody knows. */
function nobodysPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
