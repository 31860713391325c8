import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Dialog } from "./dialog.tsx";

/** A credential that is shown only once. */
export interface Secret {
  readonly title: string;
  readonly about: string;
  readonly secret: string;
}

const Context = createContext<(secret: Secret) => void>(() => {});

/** @returns a function that shows a secret until the user confirms to have copied it, across navigation */
export function useShowSecret(): (secret: Secret) => void {
  return useContext(Context);
}

/** Shows secrets above the pages, so that navigation cannot remove a secret that is shown only once. */
export function Secrets({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<readonly Secret[]>([]);
  const [first] = shown;
  return (
    <Context value={(secret) => setShown((shown) => [...shown, secret])}>
      {children}
      {first && (
        <SecretDialog key={first.secret} {...first} onDone={() => setShown((shown) => shown.slice(1))} />
      )}
    </Context>
  );
}

function SecretDialog({ title, about, secret, onDone }: Secret & { onDone(): void }) {
  const { app, tokens } = useTexts();
  useEffect(() => {
    // The browser asks before it leaves the page.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  return (
    <Dialog title={title}>
      <p>{about}</p>
      <p className="secret">
        <output aria-label={title}>{secret}</output>
        <CopyButton text={secret} label={`${app.copy}: ${title}`} />
      </p>
      <div className="actions">
        <button type="button" className="primary" onClick={onDone}>
          {tokens.done}
        </button>
      </div>
    </Dialog>
  );
}
