import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";
import { ErrorAlert } from "./error-alert.tsx";

interface DialogProps {
  readonly title: string;
  /** Called for Escape or the back gesture of a phone. Without it, only the content of the dialog can close it. */
  readonly onClose?: (() => void) | undefined;
  readonly children: ReactNode;
}

/** A modal dialog. A click on the backdrop does not close it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closing before unmounting returns the focus to the element that had it.
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      closedby={onClose ? "closerequest" : "none"}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClose={() => {
        // A browser may close it without `onCancel`, for example on a second Escape.
        if (dialog.current?.open !== false) return;
        if (onClose) onClose();
        else dialog.current.showModal();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

/** The state of the mutation that is confirmed. */
export interface MutationState {
  readonly isPending: boolean;
  readonly error: Error | null;
}

interface ConfirmationProps {
  readonly title: string;
  readonly about: string;
  /** The label of the button that confirms. */
  readonly confirm: string;
  readonly mutation: MutationState;
  onConfirm(): void;
  onCancel(): void;
}

/** Asks before an action that cannot be undone, or that changes a user's permissions. */
export function Confirmation({ title, about, confirm, mutation, onConfirm, onCancel }: ConfirmationProps) {
  const { app } = useTexts();
  return (
    <Dialog title={title} onClose={onCancel}>
      <p>{about}</p>
      {mutation.error && <ErrorAlert error={mutation.error} />}
      <div className="actions">
        <button type="button" onClick={onCancel}>
          {app.cancel}
        </button>
        <button type="button" className="danger" disabled={mutation.isPending} onClick={onConfirm}>
          {confirm}
        </button>
      </div>
    </Dialog>
  );
}
