import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useTexts } from "../texts/texts.tsx";
import { Problem } from "./problem.tsx";

interface DialogProps {
  readonly title: string;
  /** Escape was pressed. */
  onClose(): void;
  readonly children: ReactNode;
}

/** A window over the page that has the focus until it is closed. */
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
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ConfirmationProps {
  readonly title: string;
  readonly about: string;
  /** What the button says that does it. */
  readonly confirm: string;
  readonly doing: { readonly isPending: boolean; readonly error: Error | null };
  onConfirm(): void;
  onCancel(): void;
}

/** Asks before something is done that cannot be taken back. */
export function Confirmation({ title, about, confirm, doing, onConfirm, onCancel }: ConfirmationProps) {
  const { app } = useTexts();
  return (
    <Dialog title={title} onClose={onCancel}>
      <p>{about}</p>
      {doing.error && <Problem error={doing.error} />}
      <div className="actions">
        <button type="button" onClick={onCancel}>
          {app.cancel}
        </button>
        <button type="button" className="danger" disabled={doing.isPending} onClick={onConfirm}>
          {confirm}
        </button>
      </div>
    </Dialog>
  );
}
