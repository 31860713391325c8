import {
  ALL_WA_PATCH_NAMES,
  type BinaryNode,
  getBinaryNodeChild,
  type WAPatchName,
  type WASocket,
} from "../protocol/baileys.ts";

/**
 * Rate limits, per minute and by kind, of what Baileys asks, uploads or computes because WhatsApp sends something. A real
 * device gets each kind a few times a day. A stanza that WhatsApp sends in response to the device's own last one would go on
 * for ever, as fast as both can; other senders can also make a device ask, by receipts.
 *
 * Where rc14 handles each kind: Socket/messages-recv.ts `processNotification`, `handleReceipt` and `handleBadAck`;
 * Socket/socket.ts, Socket/chats.ts and Socket/groups.ts for `<success>`, `<ib>` and the stanzas of a pairing.
 *
 * Other loops and retries there: app state (app-state-runs.ts bounds it); keys that WhatsApp refuses are uploaded four times in
 * 30 s; a message that cannot be read is asked for five times, and all of them four times a second at the most; a message that
 * a recipient could not read is sent five times; pairing codes are shown as many as there are, each for its time; the
 * keep-alive is our own (keep-alive.ts), and so are the attempts to connect again (sessions/reconnect-backoff.ts).
 */
const mostInAMinute = {
  /** Something in the app state has changed: the device asks for it. */
  appState: 20,
  /** Few keys are left: the device makes some, and uploads them; four times when WhatsApp refuses them. */
  keysLow: 6,
  /** A contact has a new phone: the device asks for the contact's keys, and gives the contact a token. */
  identity: 60,
  /** A list is out of date: the device asks for all groups, and says that they are clean. */
  dirty: 10,
  /** The device is logged in: it counts, uploads and compares keys, and says that it is active. */
  success: 2,
  /** Many stanzas have waited for the device: it asks for them. */
  offlinePreview: 10,
  /** WhatsApp sends QR codes: the device says that it has them, and shows them one after the other. */
  pairDevice: 10,
  /** A phone has linked the device: the device signs its identity. */
  pairSuccess: 10,
  /** The user has typed the pairing code: the device derives keys, slowly, and sends some. */
  pairingCode: 10,
  /** A recipient could not read a message: the device asks for the recipient's keys. */
  retryReceipt: 60,
  /** The text of a message has not come: the device asks the phone for it. */
  unavailableMessage: 30,
  /** A message was refused: the device gives its recipient a token. */
  refusedMessage: 30,
} as const;

/** The kinds of work that WhatsApp can make a device do. */
export type Demand = keyof typeof mostInAMinute;

const minuteMs = 60_000;

/**
 * Limits how many of the stanzas that make a device ask or upload are handled. Baileys neither handles nor acknowledges the
 * excess, so that WhatsApp sends it again at the next login. Collections of the app state that changed meanwhile are fetched
 * later, all at once.
 * @param socket just made: this has to hear of a frame before anything of Baileys handles it
 * @param fetchLater fetches collections of the app state
 * @param onExcess is called for the first stanza of a kind that is left for later, at most once a minute
 * @returns a function that cancels the later fetch
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
    // Baileys calls its own listeners by the tag, after this listener.
    frame.tag = "left for later";
  });
  return () => clearTimeout(timer);
}

/** Token bucket: `most` at once, and as many in each minute. */
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
      // Baileys asks nothing about contacts who changed their phone while this device was offline.
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
