import type { Role } from "@wuts/client";
import { useState } from "react";
import { Dialog, type MutationState } from "../components/dialog.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { Choice } from "../components/field.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { roles } from "./roles.ts";

interface ChangeRoleProps {
  readonly title: string;
  /** The user's current role. */
  readonly role: Role;
  readonly mutation: MutationState;
  onConfirm(role: Role): void;
  onCancel(): void;
}

/** Selects a new role, explains what it allows, and asks for confirmation. */
export function ChangeRole({ title, role, mutation, onConfirm, onCancel }: ChangeRoleProps) {
  const { app, users } = useTexts();
  const [picked, setPicked] = useState(role);
  return (
    <Dialog title={title} onClose={onCancel}>
      <Choice
        legend={users.role}
        value={picked}
        onChange={setPicked}
        options={roles.map((value) => ({ value, label: users.roles[value], hint: users.mayDo[value] }))}
      />
      {mutation.error && <ErrorAlert error={mutation.error} />}
      <div className="actions">
        <button type="button" onClick={onCancel}>
          {app.cancel}
        </button>
        <button
          type="button"
          className="danger"
          disabled={picked === role || mutation.isPending}
          onClick={() => onConfirm(picked)}
        >
          {picked === role ? users.changeRole : users.giveRole(users.roles[picked])}
        </button>
      </div>
    </Dialog>
  );
}
