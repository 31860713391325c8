import { type SubmitEvent, useState } from "react";
import { Field } from "../components/field.tsx";
import { Page } from "../components/page.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { ChooseLanguage } from "./choose-language.tsx";

interface SignInProps {
  /** Why the last session ended. */
  readonly notice: string | undefined;
  onToken(token: string): void;
}

/** Asks for a token. The first request with it shows whether it is valid. */
export function SignIn({ notice, onToken }: SignInProps) {
  const { app, signIn } = useTexts();
  const [isMissing, setIsMissing] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget).get("token")).trim();
    setIsMissing(token === "");
    if (token !== "") onToken(token);
  };
  return (
    <main className="alone">
      <p className="brand">
        <img src="./icon.svg" alt="" width="32" height="32" /> {app.name}
      </p>
      <Page title={signIn.title}>
        {notice && (
          <p className="problem" role="alert">
            {notice}
          </p>
        )}
        <form onSubmit={submit} noValidate>
          <Field label={signIn.token} hint={signIn.hint} problem={isMissing ? signIn.missing : undefined}>
            {(input) => (
              <input {...input} name="token" type="password" autoComplete="off" spellCheck={false} required />
            )}
          </Field>
          <button type="submit" className="primary">
            {signIn.submit}
          </button>
        </form>
      </Page>
      <ChooseLanguage />
    </main>
  );
}
