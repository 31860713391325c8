import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { SubmitEvent } from "react";
import { Dialog } from "../components/dialog.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { Field } from "../components/field.tsx";
import { useShowSecret } from "../components/secrets.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import { roles } from "./roles.ts";

/** Asks for an e-mail address and a role, creates the user, and shows their token. */
export function AddUser({ onClose }: { onClose(): void }) {
  const { app, users, tokens } = useTexts();
  const { queries } = useSession();
  const client = useQueryClient();
  const showSecret = useShowSecret();
  const create = useMutation({
    ...queries.users.create.mutationOptions(),
    onSuccess({ token }) {
      showSecret({ title: tokens.theToken, about: tokens.once, secret: token });
      onClose();
      return client.invalidateQueries({ queryKey: queries.users.list.queryKey() });
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const role = roles.find((role) => role === form.get("role")) ?? "user";
    create.mutate({ email: String(form.get("email")).trim(), role });
  };
  return (
    <Dialog title={users.add} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={users.email}>
          {(input) => <input {...input} name="email" type="email" autoComplete="off" required />}
        </Field>
        <Field label={users.role}>
          {(input) => (
            <select {...input} name="role">
              {roles.map((role) => (
                <option key={role} value={role}>
                  {users.roles[role]}
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
            {users.create}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
