import type { SignedIn } from "@wuts/client";
import { useCallback, useEffect, useState } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { AuditPage } from "./audit/audit-page.tsx";
import { DevicesPage } from "./devices/devices-page.tsx";
import { NewDevicePage } from "./devices/new-device-page.tsx";
import { PairingPage } from "./devices/pairing-page.tsx";
import { Frame } from "./frame.tsx";
import { Page } from "./parts/page.tsx";
import { PeoplePage } from "./people/people-page.tsx";
import { TokensPage } from "./people/tokens-page.tsx";
import { ManyPicturesPage } from "./pictures/many-pictures-page.tsx";
import { OnePicturePage } from "./pictures/one-picture-page.tsx";
import { type EndOfSession, SignedInto, useSession } from "./session/session.tsx";
import { SignIn } from "./session/sign-in.tsx";
import { storedToken } from "./session/stored-token.ts";
import { useTexts } from "./texts/texts.tsx";

interface AppProps {
  /** A link that is signing somebody in. */
  readonly link: Promise<SignedIn> | undefined;
}

/** The way from signing in to a page. */
export function App({ link }: AppProps) {
  const { signIn } = useTexts();
  const [isWaiting, setIsWaiting] = useState(link !== undefined);
  const [token, setToken] = useState(link ? undefined : storedToken.get());
  /** One that nobody else has, and that nobody needs when its user has signed out. */
  const [tokenOfLink, setTokenOfLink] = useState<string>();
  const [notice, setNotice] = useState<"ended" | "refused" | Error>();
  const enter = useCallback((token: string) => {
    setNotice(undefined);
    setToken(token);
  }, []);
  const leave = useCallback((why: EndOfSession) => {
    storedToken.remove();
    setNotice(why === "signed-out" ? undefined : why);
    setToken(undefined);
  }, []);
  useEffect(() => {
    link
      ?.then(
        ({ token }) => {
          setTokenOfLink(token);
          enter(token);
        },
        (error: Error) => setNotice(error),
      )
      .finally(() => setIsWaiting(false));
  }, [link, enter]);
  if (isWaiting) return <main className="alone">{signIn.withLink}</main>;
  if (token === undefined) {
    return (
      <SignIn
        notice={notice instanceof Error ? undefined : notice && signIn[notice]}
        problem={notice instanceof Error ? notice : undefined}
        onToken={(token, remember) => {
          if (remember) storedToken.set(token);
          enter(token);
        }}
      />
    );
  }
  return (
    <Router hook={useHashLocation}>
      <SignedInto key={token} token={token} isOfLink={token === tokenOfLink} onEnd={leave}>
        <Frame>
          <Pages />
        </Frame>
      </SignedInto>
    </Router>
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
      <Route path="/people" component={PeoplePage} />
      <Route path="/people/:id/tokens">{({ id }) => <TokensPage key={id} userId={id} />}</Route>
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
