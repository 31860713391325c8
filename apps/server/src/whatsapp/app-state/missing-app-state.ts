import {
  ALL_WA_PATCH_NAMES,
  type AuthenticationState,
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  type WASocket,
} from "../protocol/baileys.ts";
import { type Collection, hasAppStateKey } from "./app-state.ts";

/**
 * Fetches the app state that a new device lacks, where Baileys does not. rc14 fetches it once, when the first history comes
 * within 20 s of the first login (Socket/chats.js). When the history comes later or never, when the phone's key comes after the
 * connection that waited for it, or when WhatsApp refuses, nothing is ever fetched: there is no address book.
 *
 * So each login fetches the collections that have never come, as soon as Baileys has had its turn and the key is there: a few
 * times, with growing pauses. Stored collections are not fetched again.
 * @param fetch fetches collections; its errors are ignored, and the next try follows
 * @returns a function that stops it
 */
export function fetchMissingAppState(
  { ev, ws, authState: { creds, keys } }: Pick<WASocket, "ev" | "ws" | "authState">,
  stored: AuthenticationState["keys"],
  fetch: (collections: readonly Collection[]) => Promise<unknown>,
): () => void {
  /** WhatsApp has none of these for the account, so that nothing comes of them. */
  const empty = new Set(emptyCollectionsOf(creds));
  const countBefore = creds.accountSyncCounter ?? 0;
  let isOurTurn = false;
  let isStopped = false;
  let tries = 0;
  let work = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** One timer at a time: a second one could not be cleared, and would outlive the connection. */
  const wait = (ms: number, then: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  };
  const missing = async () => {
    const versions = await stored.get("app-state-sync-version", [...ALL_WA_PATCH_NAMES]);
    return ALL_WA_PATCH_NAMES.filter((name) => !versions[name] && !empty.has(name));
  };
  const rememberEmpty = () => {
    if (empty.size > emptyCollectionsOf(creds).length) ev.emit("creds.update", withEmpty(creds, empty));
  };
  const fetchMissing = async () => {
    clearTimeout(timer);
    if (isStopped || !hasAppStateKey({ creds, keys: stored })) return;
    // Baileys fetches within a transaction of this name: what it is about to bring is not fetched twice.
    await keys.transaction(async () => undefined, creds.me?.id ?? "");
    const collections = await missing();
    if (collections.length > 0 && tries <= pausesMs.length && !isStopped) {
      const pauseMs = pausesMs[tries];
      tries += 1;
      await fetch(collections).catch(() => undefined);
      const isMissing = (await missing()).length > 0;
      if (isMissing && pauseMs !== undefined && !isStopped) wait(pauseMs, begin);
    }
    if (!isStopped) rememberEmpty();
  };
  /** Starts a run after the one before it. A run that cannot read the stored state gives up until the next login. */
  const begin = () => {
    work = work.then(fetchMissing).catch(() => undefined);
  };
  const takeTurn = () => {
    isOurTurn = true;
    begin();
  };

  ws.on("frame", (frame: BinaryNode | Uint8Array) => {
    if (!(frame instanceof Uint8Array)) for (const name of emptyCollectionsIn(frame)) empty.add(name);
  });
  ev.on("connection.update", ({ receivedPendingNotifications }) => {
    if (receivedPendingNotifications !== true || isStopped) return;
    if (countBefore > 0) takeTurn();
    // Baileys' handling of a first history may fail half-way, without an event.
    else wait(baileysTurnMs, takeTurn);
  });
  ev.on("creds.update", ({ accountSyncCounter, myAppStateKeyId }) => {
    // Either the first history came, and Baileys has fetched what it could, or it has given up.
    if ((accountSyncCounter ?? 0) > countBefore && !isOurTurn) takeTurn();
    else if (myAppStateKeyId !== undefined && isOurTurn) begin();
  });

  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** Baileys waits 20 s for the first history, and then asks WhatsApp some questions. */
const baileysTurnMs = 45_000;

/** Between the tries of one connection. */
const pausesMs = [30_000, 120_000, 600_000];

/**
 * Reads which collections an answer to `w:sync:app:state` says to be empty: version 0, and neither patches nor a snapshot
 * (Baileys rc14 stores no version of these).
 */
export function emptyCollectionsIn(answer: BinaryNode): Collection[] {
  if (answer.tag !== "iq" || answer.attrs.type !== "result") return [];
  const collections = getBinaryNodeChildren(getBinaryNodeChild(answer, "sync"), "collection");
  return collections.flatMap((collection) => {
    const { name, version = "0", type, has_more_patches: more } = collection.attrs;
    const isEmpty = version === "0" && type !== "error" && more !== "true" && !hasContent(collection);
    return isEmpty ? namesIn([name]) : [];
  });
}

function hasContent(collection: BinaryNode): boolean {
  const patches = getBinaryNodeChild(collection, "patches") ?? collection;
  return (
    getBinaryNodeChildren(patches, "patch").length > 0 ||
    getBinaryNodeChild(collection, "snapshot") !== undefined ||
    getBinaryNodeChild(collection, "error") !== undefined
  );
}

/** rc14 stores `additionalData` with the credentials for the application that uses Baileys, and reads nothing in it. */
function emptyCollectionsOf({ additionalData }: AuthenticationState["creds"]): Collection[] {
  const data: unknown = additionalData;
  const names: unknown = typeof data === "object" && data !== null && Reflect.get(data, "emptyCollections");
  return Array.isArray(names) ? namesIn(names) : [];
}

function withEmpty({ additionalData }: AuthenticationState["creds"], empty: ReadonlySet<Collection>) {
  return { additionalData: { ...additionalData, emptyCollections: [...empty] } };
}

function namesIn(names: readonly unknown[]): Collection[] {
  return ALL_WA_PATCH_NAMES.filter((name) => names.includes(name));
}
