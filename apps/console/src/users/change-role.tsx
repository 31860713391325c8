import type { Role } from "@wuts/client";
import { useState } from "react";
import { Dialog, type Doing } from "../components/dialog.tsx";
import { Problem } from "../components/error-alert.tsx";
import { Choice } from "../components/field.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { roles } from "./roles.ts";

interface ChangeRoleProps {
  readonly title: string;
  /** The one they have. */
  readonly role: Role;
  readonly doing: Doing;
  onConfirm(role: Role): void;
  onCancel(): void;
}

/** Lets a role be picked, says what it allows, and gives it when that is confirmed. */
export function ChangeRole({ title, role, doing, onConfirm, onCancel }: ChangeRoleProps) {
  const { app, people } = useTexts();
  const [picked, setPicked] = useState(role);
  return (
    <Dialog title={title} onClose={onCancel}>
      <Choice
        legend={people.role}
        value={picked}
        onChange={setPicked}
        options={roles.map((value) => ({ value, label: people.roles[value], hint: people.mayDo[value] }))}
      />
      {doing.error && <Problem error={doing.error} />}
      <div className="actions">
        <button type="button" onClick={onCancel}>
          {app.cancel}
        </button>
        <button
          type="button"
          className="danger"
          disabled={picked === role || doing.isPending}
          onClick={() => onConfirm(picked)}
        >
          {picked === role ? people.changeRole : people.giveRole(people.roles[picked])}
        </button>
      </div>
    </Dialog>
  );
}
