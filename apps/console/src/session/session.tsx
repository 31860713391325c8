import { MutationCache, QueryCache, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { createWuts, type Me, type Wuts, WutsError } from "@wuts/client";
import { createWutsQueries, type WutsQueries } from "@wuts/client/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { ErrorAlert } from "../components/error-alert.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { Connection, useConnection } from "./connection.tsx";
import { baseUrl } from "./server.ts";
import type { StoredSession } from "./stored-session.ts";

/** The signed-in user, with the clients that send requests for them. */
export interface Session {
  readonly me: Me;
  readonly wuts: Wuts;
  readonly queries: WutsQueries;
  signOut(): void;
}

const Context = createContext<Session | undefined>(undefined);

/** @throws Error outside of `SessionProvider` */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("there is no session");
  return session;
}

/** Why a session ended: the user signed out, the server refused the token at once, or refused it later. */
export type EndOfSession = "signed-out" | "refused" | "ended";

interface SessionProviderProps {
  readonly session: StoredSession;
  onEnd(why: EndOfSession): void;
  readonly children: ReactNode;
}

/** Provides the session and a `QueryClient` of its own, so that no cached response of another token is shown. */
export function SessionProvider({ session, onEnd, children }: SessionProviderProps) {
  const { token } = session;
  const [connection] = useState(() => new Connection());
  const [refused, setRefused] = useState(false);
  const clients = useMemo(() => {
    const queryCallbacks = {
      onError(error: Error) {
        connection.failed(error);
        if (error instanceof WutsError && error.code === "UNAUTHORIZED") setRefused(true);
      },
      onSuccess: () => connection.answered(),
    };
    const client = new QueryClient({
      queryCache: new QueryCache(queryCallbacks),
      mutationCache: new MutationCache(queryCallbacks),
      defaultOptions: {
        // The user decides about retries, and a server on this machine is reachable while the browser is offline.
        queries: { retry: false, networkMode: "always", refetchOnWindowFocus: false, staleTime: 1_000 },
        mutations: { retry: false, networkMode: "always" },
      },
    });
    const wuts = createWuts({ baseUrl, token, retries: 0 });
    return { client, wuts, queries: createWutsQueries(wuts) };
  }, [token, connection]);
  useEffect(() => () => clients.client.clear(), [clients]);
  return (
    <QueryClientProvider client={clients.client}>
      <SessionLoader
        session={session}
        clients={clients}
        connection={connection}
        refused={refused}
        onEnd={onEnd}
      >
        {children}
      </SessionLoader>
    </QueryClientProvider>
  );
}

interface SessionLoaderProps extends SessionProviderProps {
  readonly clients: Pick<Session, "wuts" | "queries">;
  readonly connection: Connection;
  readonly refused: boolean;
}

/** Loads the signed-in user before it renders the pages. */
function SessionLoader(props: SessionLoaderProps) {
  const { clients, connection, refused, onEnd, children } = props;
  const { isOfLink } = props.session;
  const { app } = useTexts();
  const me = useQuery({ ...clients.queries.users.getMe.queryOptions(), staleTime: 60_000 });
  useConnection(connection, clients.queries);
  const wasIn = me.data !== undefined;
  useEffect(() => {
    if (refused) onEnd(wasIn ? "ended" : "refused");
  }, [refused, wasIn, onEnd]);
  const session = useMemo(() => {
    const data = me.data;
    if (!data) return undefined;
    return {
      ...clients,
      me: data,
      signOut() {
        const [user_id, token_id] = [data.user.id, data.token.id];
        // A failure is ignored: the token expires soon.
        if (isOfLink) clients.wuts.tokens.delete({ user_id, token_id }).catch(() => {});
        onEnd("signed-out");
      },
    };
  }, [clients, me.data, isOfLink, onEnd]);
  if (session) {
    return (
      <Context value={session}>
        <ConnectionLost connection={connection} />
        {children}
      </Context>
    );
  }
  if (me.error && !refused) {
    return (
      <main className="alone">
        <ErrorAlert error={me.error} retry={() => void me.refetch()} />
      </main>
    );
  }
  return <main className="alone">{app.loading}</main>;
}

function ConnectionLost({ connection }: { readonly connection: Connection }) {
  const { app } = useTexts();
  const isLost = connection.useIsLost();
  return (
    <div role="status" className="lost">
      {isLost && app.lost}
    </div>
  );
}
