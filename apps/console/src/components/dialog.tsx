import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";
import { ErrorAlert } from "./error-alert.tsx";

interface DialogProps {
  readonly title: string;
  /** Escape was pressed, or what a phone has in its place. Without it, nothing closes the window but what is in it. */
  readonly onClose?: (() => void) | undefined;
  readonly children: ReactNode;
}

/** A window over the page that has the focus until it is closed. A click beside it does nothing. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closed before it is gone, it gives the focus back to where it was.
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
        // A browser may close it all the same, such as for a second Escape.
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

/** What is confirmed, while it is done. */
export interface MutationState {
  readonly isPending: boolean;
  readonly error: Error | null;
}

interface ConfirmationProps {
  readonly title: string;
  readonly about: string;
  /** What the button says that does it. */
  readonly confirm: string;
  readonly mutation: MutationState;
  onConfirm(): void;
  onCancel(): void;
}

/** Asks before something is done that cannot be taken back, or that changes what somebody may do. */
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
