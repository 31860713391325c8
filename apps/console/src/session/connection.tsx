import { useQuery, useQueryClient } from "@tanstack/react-query";
import { WutsError } from "@wuts/client";
import type { WutsQueries } from "@wuts/client/react-query";
import { useEffect, useSyncExternalStore } from "react";

/** Whether the latest call reached the server. */
export class Connection {
  #isLost = false;
  readonly #listeners = new Set<() => void>();

  answered(): void {
    this.#set(false);
  }

  failed(error: Error): void {
    if (!(error instanceof WutsError) || error.code === "ABORTED") return;
    const isProxyError = error.code === "UNEXPECTED_ANSWER" && error.status >= 502;
    this.#set(error.code === "NETWORK_ERROR" || isProxyError);
  }

  useIsLost(): boolean {
    return useSyncExternalStore(this.#subscribe, () => this.#isLost);
  }

  readonly #subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(isLost: boolean): void {
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    for (const listener of this.#listeners) listener();
  }
}

/** Polls the server to notice a lost connection, and refetches failed queries once the server is back. */
export function useConnection(connection: Connection, queries: WutsQueries): void {
  const client = useQueryClient();
  const isLost = connection.useIsLost();
  useQuery({
    ...queries.system.getLiveness.queryOptions(),
    refetchInterval: isLost ? 2_000 : 15_000,
    staleTime: 0,
  });
  useEffect(() => {
    if (isLost) return;
    void client.refetchQueries({
      predicate: ({ state }) => state.error instanceof WutsError && state.error.status === 0,
    });
  }, [isLost, client]);
}
