import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Dialog } from "./dialog.tsx";

/** What lets somebody in, and is shown this once. */
export interface Secret {
  readonly title: string;
  readonly about: string;
  readonly secret: string;
}

const Context = createContext<(secret: Secret) => void>(() => {});

/** @returns what shows a secret until somebody says that they have it, wherever they go meanwhile */
export function useShowSecret(): (secret: Secret) => void {
  return useContext(Context);
}

/** Has a place for secrets over every page in it: going back to another page must not take away what is shown once. */
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
    // The browser asks whether the page may go.
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
