import {
  ALL_WA_PATCH_NAMES,
  type BinaryNode,
  getBinaryNodeChild,
  type WAPatchName,
  type WASocket,
} from "../protocol/baileys.ts";

/**
 * What Baileys asks, uploads or computes because WhatsApp sends something, by kind: how often in a minute. Real devices are sent
 * each a few times a day. Whatever is sent in answer to what the device did for the last one would go on for ever, as fast as both
 * can; other senders can have a device ask, too, by receipts.
 *
 * Where each is in rc14: Socket/messages-recv.ts `processNotification`, `handleReceipt` and `handleBadAck`; Socket/socket.ts,
 * Socket/chats.ts and Socket/groups.ts for `<success>`, `<ib>` and what belongs to a pairing.
 *
 * What else goes on or tries again there: app state (app-state-runs.ts bounds it); keys that WhatsApp refuses are uploaded four
 * times in 30 s; a message that cannot be read is asked for five times, and all of them four times a second at the most; one that
 * somebody could not read is sent five times; codes to pair with are shown as many as there are, each for its time; the keep-alive
 * is our own (keep-alive.ts), and so are the attempts to connect again (sessions/reconnect-backoff.ts).
 */
const mostInAMinute = {
  /** Something in the app state has changed: it asks for it. */
  appState: 20,
  /** Few keys are left: it makes some, and uploads them; four times when WhatsApp refuses them. */
  keysLow: 6,
  /** Somebody has a new phone: it asks for their keys, and gives them a token. */
  identity: 60,
  /** A list is out of date: it asks for all groups, and says that they are clean. */
  dirty: 10,
  /** It is logged in: it counts, uploads and compares keys, and says that it is active. */
  success: 2,
  /** Much has waited: it asks for it. */
  offlinePreview: 10,
  /** It says that it has the codes, and shows them one after the other. */
  pairDevice: 10,
  /** It signs its identity. */
  pairSuccess: 10,
  /** Somebody has typed the pairing code: it derives keys, slowly, and sends some. */
  pairingCode: 10,
  /** Somebody could not read a message: it asks for their keys. */
  retryReceipt: 60,
  /** The text of a message has not come: it asks the phone for it. */
  unavailableMessage: 30,
  /** A message was refused: it gives whom it was for a token. */
  refusedMessage: 30,
} as const;

/** What WhatsApp can have a device do. */
export type Demand = keyof typeof mostInAMinute;

const minuteMs = 60_000;

/**
 * Takes from WhatsApp only so much of what makes a device ask and upload. What is beyond that is neither handled nor acknowledged, so
 * that WhatsApp sends it again at the next login. What has changed in the app state is fetched later, all of it at once.
 * @param socket just made: this has to hear of a frame before anything of Baileys handles it
 * @param fetchLater fetches collections of the app state
 * @param onExcess is told of the first thing of a kind that is left for later, once a minute
 * @returns ends it
 */
export function limitDemands(
  { ws }: Pick<WASocket, "ws">,
  fetchLater: (collections: readonly WAPatchName[]) => void,
  onExcess: (demand: Demand) => void,
): () => void {
  const taken = new Map<Demand, Allowance>();
  const changed = new Set<WAPatchName>();
  let timer: NodeJS.Timeout | undefined;
  ws.on("frame", (frame: BinaryNode | Uint8Array) => {
    const demand = frame instanceof Uint8Array ? undefined : demandOf(frame);
    if (demand === undefined || frame instanceof Uint8Array) return;
    const allowance = taken.get(demand) ?? new Allowance(mostInAMinute[demand]);
    taken.set(demand, allowance);
    if (allowance.take()) return;
    if (allowance.isNewExcess()) onExcess(demand);
    if (demand === "appState") {
      for (const name of collectionsIn(frame)) changed.add(name);
      timer ??= setTimeout(() => {
        timer = undefined;
        const names = [...changed];
        changed.clear();
        if (ws.isOpen && names.length > 0) fetchLater(names);
      }, minuteMs / 2);
    }
    // Baileys tells its own listeners by the tag, after this.
    frame.tag = "left for later";
  });
  return () => clearTimeout(timer);
}

/** So many at once, and as many in each minute. */
class Allowance {
  readonly #most: number;
  #left: number;
  #countedAt = performance.now();
  #excessAt = -Infinity;

  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  take(): boolean {
    const now = performance.now();
    this.#left = Math.min(this.#most, this.#left + ((now - this.#countedAt) / minuteMs) * this.#most);
    this.#countedAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Whether there was none in the last minute. */
  isNewExcess(): boolean {
    const now = performance.now();
    if (now - this.#excessAt < minuteMs) return false;
    this.#excessAt = now;
    return true;
  }
}

function demandOf(stanza: BinaryNode): Demand | undefined {
  const { tag, attrs } = stanza;
  const has = (child: string) => getBinaryNodeChild(stanza, child) !== undefined;
  switch (tag) {
    case "notification":
      if (attrs.type === "server_sync") return "appState";
      // Of those who changed their phone while this was away, Baileys asks nothing.
      if (attrs.type === "encrypt" && has("identity")) return attrs.offline ? undefined : "identity";
      if (attrs.type === "encrypt") return "keysLow";
      return attrs.type === "link_code_companion_reg" ? "pairingCode" : undefined;
    case "ib":
      if (has("dirty")) return "dirty";
      return has("offline_preview") ? "offlinePreview" : undefined;
    case "iq":
      if (has("pair-device")) return "pairDevice";
      return has("pair-success") ? "pairSuccess" : undefined;
    case "message":
      return isAskedFor(stanza) ? "unavailableMessage" : undefined;
    case "receipt":
      return attrs.type === "retry" ? "retryReceipt" : undefined;
    case "ack":
      return attrs.class === "message" && attrs.error !== undefined ? "refusedMessage" : undefined;
    default:
      return tag === "success" ? "success" : undefined;
  }
}

/** For a message that only phones are shown, Baileys asks nothing. */
function isAskedFor(message: BinaryNode): boolean {
  const unavailable = getBinaryNodeChild(message, "unavailable");
  return unavailable !== undefined && !unavailable.attrs.type?.endsWith("unavailable_fanout");
}

function collectionsIn(stanza: BinaryNode): WAPatchName[] {
  const name = getBinaryNodeChild(stanza, "collection")?.attrs.name;
  return ALL_WA_PATCH_NAMES.filter((each) => each === name);
}
