import type { AuthenticationState, WAPatchName, WASocket } from "./baileys.ts";

/** A part of what the phone keeps in step with its devices. */
export type Collection = WAPatchName;

/** What came of fetching collections. */
export interface FetchedCollections {
  /** Those that were to be fetched anew, had something before, and could not be read now. */
  readonly unreadable: readonly Collection[];
}

/** @returns whether the phone has given the device the key that its app state is encrypted with */
export function hasAppStateKey({ creds }: AuthenticationState): boolean {
  return creds.myAppStateKeyId !== undefined;
}

/**
 * Has Baileys fetch collections, which tells what is in them by its events. What it cannot decrypt or download it gives
 * up silently after two attempts; that is noticed here only when everything is fetched anew.
 * @param anew whether the stored versions are dropped first, so that everything comes again
 */
export async function fetchCollections(
  socket: WASocket,
  { keys }: AuthenticationState,
  collections: readonly Collection[],
  anew: boolean,
): Promise<FetchedCollections> {
  const versions = async () => keys.get("app-state-sync-version", [...collections]);
  const before = anew ? await versions() : {};
  if (anew) {
    await keys.set({ "app-state-sync-version": Object.fromEntries(collections.map((name) => [name, null])) });
  }
  // Not as an initial sync: that would hold changes of chats back for messages that may never come.
  await socket.resyncAppState(collections, false);
  const after = anew ? await versions() : {};
  return { unreadable: collections.filter((name) => before[name] && !after[name]) };
}
