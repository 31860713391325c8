import { type CheckedSignInCode, createWuts, type Me } from "@wuts/client";
import { useCallback, useEffect, useState } from "react";
import { Dialog } from "../components/dialog.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { baseUrl } from "./server.ts";

interface SignInByLinkProps {
  readonly code: string;
  /** The user who is signed in in this tab. */
  readonly me: Me | undefined;
  onToken(token: string): void;
  onCancel(): void;
}

/** Shows which user a sign-in link is for, and asks for confirmation. Only the confirmation uses up the code. */
export function SignInByLink({ code, me, onToken, onCancel }: SignInByLinkProps) {
  const { app, audit, users, signIn } = useTexts();
  const [{ tokens }] = useState(() => createWuts({ baseUrl, token: null, retries: 0 }));
  const [whom, setWhom] = useState<CheckedSignInCode>();
  const [problem, setProblem] = useState<Error>();
  const [isSigningIn, setIsSigningIn] = useState(false);
  const check = useCallback(() => {
    setProblem(undefined);
    tokens.checkSignInCode({ code }).then(setWhom, setProblem);
  }, [tokens, code]);
  useEffect(check, [check]);
  const redeem = async () => {
    setIsSigningIn(true);
    try {
      onToken((await tokens.signIn({ code })).token);
    } catch (error) {
      setWhom(undefined);
      setProblem(error instanceof Error ? error : new Error(String(error)));
      setIsSigningIn(false);
    }
  };
  const nameOf = ({ email }: { readonly email: string | null }) => email ?? users.noEmail;
  return (
    <Dialog
      title={whom ? signIn.linkOf(nameOf(whom)) : signIn.link}
      onClose={isSigningIn ? undefined : onCancel}
    >
      {problem ? (
        <ErrorAlert error={problem} retry={check} />
      ) : whom ? (
        <>
          <dl className="facts">
            <div>
              <dt>{audit.targets.tenant}</dt>
              <dd>{whom.tenant_name}</dd>
            </div>
            <div>
              <dt>{users.role}</dt>
              <dd>{users.roles[whom.role]}</dd>
            </div>
          </dl>
          {me && <p className="notice">{signIn.linkReplaces(nameOf(me.user))}</p>}
          <p>{signIn.aboutLink}</p>
        </>
      ) : (
        <p role="status">{app.loading}</p>
      )}
      <div className="actions">
        <button type="button" disabled={isSigningIn} onClick={onCancel}>
          {problem ? app.close : app.cancel}
        </button>
        {whom && (
          <button type="button" className="primary" disabled={isSigningIn} onClick={() => void redeem()}>
            {signIn.submit}
          </button>
        )}
      </div>
    </Dialog>
  );
}
