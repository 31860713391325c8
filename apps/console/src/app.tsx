import { useCallback, useState } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { AppShell } from "./app-shell.tsx";
import { AuditPage } from "./audit/audit-page.tsx";
import { Page } from "./components/page.tsx";
import { Secrets } from "./components/secrets.tsx";
import { DevicesPage } from "./devices/devices-page.tsx";
import { NewDevicePage } from "./devices/new-device-page.tsx";
import { PairingPage } from "./devices/pairing-page.tsx";
import { useTexts } from "./i18n/locale-provider.tsx";
import { ManyPicturesPage } from "./pictures/many-pictures-page.tsx";
import { OnePicturePage } from "./pictures/one-picture-page.tsx";
import { type EndOfSession, SessionProvider, useSession } from "./session/session.tsx";
import { SignIn } from "./session/sign-in.tsx";
import { SignInByLink } from "./session/sign-in-by-link.tsx";
import type { SignInLinks } from "./session/sign-in-links.ts";
import { type StoredSession, storedSession } from "./session/stored-session.ts";
import { TokensPage } from "./users/tokens-page.tsx";
import { UsersPage } from "./users/users-page.tsx";

interface AppProps {
  readonly links: SignInLinks;
}

/** Shows the sign-in, or the pages once a user is signed in. */
export function App({ links }: AppProps) {
  const { signIn } = useTexts();
  const code = links.useCode();
  const [session, setSession] = useState(storedSession.get);
  const [notice, setNotice] = useState<"ended" | "refused">();
  const enter = (session: StoredSession) => {
    storedSession.set(session);
    setNotice(undefined);
    setSession(session);
  };
  const leave = useCallback((why: EndOfSession) => {
    storedSession.remove();
    setNotice(why === "signed-out" ? undefined : why);
    setSession(undefined);
  }, []);
  const byLink = code !== undefined && {
    code,
    onCancel: () => links.forget(),
    onToken(token: string) {
      links.forget();
      enter({ token, isOfLink: true });
    },
  };
  if (!session) {
    return (
      <>
        <SignIn notice={notice && signIn[notice]} onToken={(token) => enter({ token, isOfLink: false })} />
        {byLink && <SignInByLink key={code} me={undefined} {...byLink} />}
      </>
    );
  }
  return (
    <Router hook={useHashLocation}>
      <SessionProvider key={session.token} session={session} onEnd={leave}>
        <Secrets>
          <AppShell>
            <Pages />
          </AppShell>
        </Secrets>
        {byLink && <ChangeSession key={code} {...byLink} />}
      </SessionProvider>
    </Router>
  );
}

interface ChangeSessionProps {
  readonly code: string;
  onCancel(): void;
  onToken(token: string): void;
}

/** Replaces the session of the signed-in user, which is signed out first. */
function ChangeSession({ onToken, ...link }: ChangeSessionProps) {
  const { me, signOut } = useSession();
  return (
    <SignInByLink
      me={me}
      {...link}
      onToken={(token) => {
        signOut();
        onToken(token);
      }}
    />
  );
}

function Pages() {
  const { app } = useTexts();
  const { me } = useSession();
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/devices" replace />
      </Route>
      <Route path="/devices" component={DevicesPage} />
      <Route path="/devices/new" component={NewDevicePage} />
      <Route path="/devices/:id/pair/:method">
        {({ id, method }) => (
          <PairingPage key={id} deviceId={id} method={method === "code" ? "code" : "qr"} />
        )}
      </Route>
      <Route path="/pictures">
        <Redirect to="/pictures/one" replace />
      </Route>
      <Route path="/pictures/one/:device?">{({ device }) => <OnePicturePage deviceId={device} />}</Route>
      <Route path="/pictures/many" component={ManyPicturesPage} />
      <Route path="/users" component={UsersPage} />
      <Route path="/users/:id/tokens">{({ id }) => <TokensPage key={id} userId={id} />}</Route>
      <Route path="/tokens">
        <TokensPage userId={me.user.id} />
      </Route>
      <Route path="/audit" component={AuditPage} />
      <Route>
        <Page title={app.notFound}>{null}</Page>
      </Route>
    </Switch>
  );
}
