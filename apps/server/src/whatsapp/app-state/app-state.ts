import type { AuthenticationState, WAPatchName, WASocket } from "../protocol/baileys.ts";
import { AppStateEndless, type AppStateRuns } from "./app-state-runs.ts";

/** A part of what the phone keeps in step with its devices. */
export type Collection = WAPatchName;

/** The result of fetching collections. */
export interface FetchedCollections {
  /**
   * Collections that WhatsApp refused, and collections that were stored before a refresh and could not be read in it.
   */
  readonly unreadable: readonly Collection[];
  /** Those with which WhatsApp does not come to an end; the others were fetched. */
  readonly endless: readonly Collection[];
}

/** @returns whether the phone has given the device the key that its app state is encrypted with */
export function hasAppStateKey({ creds }: AuthenticationState): boolean {
  return creds.myAppStateKeyId !== undefined;
}

/**
 * Has Baileys fetch collections; their contents arrive as Baileys' events. Baileys silently gives up what it cannot decrypt or
 * download after two attempts; this function notices that only in a refresh.
 * @param refresh whether the stored versions are dropped first, so that WhatsApp sends everything again
 * @param signal ends it, with its reason
 */
export async function fetchCollections(
  socket: WASocket,
  runs: AppStateRuns,
  { keys }: AuthenticationState,
  collections: readonly Collection[],
  refresh: boolean,
  signal: AbortSignal,
): Promise<FetchedCollections> {
  const versions = async () => keys.get("app-state-sync-version", [...collections]);
  const before = refresh ? await versions() : {};
  if (refresh) {
    await keys.set({ "app-state-sync-version": Object.fromEntries(collections.map((name) => [name, null])) });
  }
  const { refused, endless } = await fetchWithEnd(socket, runs, collections, signal);
  const after = refresh ? await versions() : {};
  const isLost = (name: Collection) => before[name] && !after[name] && !endless.includes(name);
  return { unreadable: collections.filter((name) => refused.includes(name) || isLost(name)), endless };
}

/** One collection without an end keeps none of the others from being fetched. */
async function fetchWithEnd(
  socket: WASocket,
  runs: AppStateRuns,
  collections: readonly Collection[],
  signal: AbortSignal,
): Promise<{ readonly refused: readonly string[]; readonly endless: readonly Collection[] }> {
  const endless: Collection[] = [];
  for (let left = collections; left.length > 0; ) {
    try {
      // Not as an initial sync: that would hold changes of chats back for messages that may never come.
      const refused = await runs.request(signal, () => socket.resyncAppState(left, false));
      return { refused, endless };
    } catch (error) {
      if (!(error instanceof AppStateEndless)) throw error;
      const isEndless = (name: Collection) => error.collections.includes(name);
      const others = left.filter((name) => !isEndless(name));
      if (others.length === left.length) throw error;
      endless.push(...left.filter(isEndless));
      left = others;
    }
  }
  return { refused: [], endless };
}
