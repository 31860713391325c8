import { useCallback, useState } from "react";
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
import { type EndOfSession, SignedIn, useSession } from "./session/session.tsx";
import { SignIn } from "./session/sign-in.tsx";
import { storedToken } from "./session/stored-token.ts";
import { useTexts } from "./texts/texts.tsx";

/** The way from signing in to a page. */
export function App() {
  const { signIn } = useTexts();
  const [token, setToken] = useState(storedToken.get);
  const [notice, setNotice] = useState<"ended" | "refused">();
  const enter = (token: string, remember: boolean) => {
    if (remember) storedToken.set(token);
    setNotice(undefined);
    setToken(token);
  };
  const leave = useCallback((why: EndOfSession) => {
    storedToken.remove();
    setNotice(why === "signed-out" ? undefined : why);
    setToken(undefined);
  }, []);
  if (token === undefined) return <SignIn notice={notice && signIn[notice]} onToken={enter} />;
  return (
    <Router hook={useHashLocation}>
      <SignedIn key={token} token={token} onEnd={leave}>
        <Frame>
          <Pages />
        </Frame>
      </SignedIn>
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
