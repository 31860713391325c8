import {
  APP_STATE_FAULTS,
  type AppStateFault,
  type Faults,
  type Simulator,
  type StanzaMatcher,
  stanzaKinds,
} from "@wuts/whatsapp-simulator";

/** The number of a contact who has written to every device. */
export const ana = "5511999999999";

/** What a simulated WhatsApp does wrong for as long as stanzas are counted. */
export interface LastingFault {
  readonly what: string;
  /** Whether it is done to one phone's devices only, or to everything that connects. */
  readonly isOfOne: boolean;
  /** @param phone whose devices it is done to */
  begin(simulator: Simulator, phone: string): void;
}

type Stanza = Parameters<Faults["sendStanza"]>[1];

const server = "@s.whatsapp.net";
const anas = `${ana}@s.whatsapp.net`;

/** What WhatsApp sends, and sends again as soon as the device has done what it did for it. */
const provocations: Record<string, { readonly stanza: Stanza; readonly behind: StanzaMatcher }> = {
  "that the app state has changed": {
    stanza: {
      tag: "notification",
      attrs: { from: server, type: "server_sync", t: "1" },
      content: [{ tag: "collection", attrs: { name: "regular", version: "9" } }],
    },
    behind: "iq w:sync:app:state set",
  },
  "that no keys are left": {
    stanza: {
      tag: "notification",
      attrs: { from: server, type: "encrypt", t: "1" },
      content: [{ tag: "count", attrs: { value: "0" } }],
    },
    behind: "iq encrypt set/list",
  },
  "that a contact has a new phone": {
    stanza: {
      tag: "notification",
      attrs: { from: anas, type: "encrypt", t: "1" },
      content: [{ tag: "identity", attrs: {} }],
    },
    behind: ({ tag, attrs }) => tag === "ack" && attrs.class === "notification",
  },
  "that the groups are out of date": {
    stanza: {
      tag: "ib",
      attrs: { from: server },
      content: [{ tag: "dirty", attrs: { type: "groups", timestamp: "1" } }],
    },
    behind: "iq urn:xmpp:whatsapp:dirty set",
  },
  "that the account is out of date": {
    stanza: {
      tag: "ib",
      attrs: { from: server },
      content: [{ tag: "dirty", attrs: { type: "account_sync", timestamp: "1" } }],
    },
    behind: "iq urn:xmpp:whatsapp:dirty set",
  },
  "that it has logged in": {
    stanza: { tag: "success", attrs: { t: "1", lid: "900001:1@lid" } },
    behind: "iq passive set",
  },
  "that much has waited for it": {
    stanza: { tag: "ib", attrs: { from: server }, content: [{ tag: "offline_preview", attrs: {} }] },
    behind: "ib/offline_batch",
  },
  "codes to pair with": {
    stanza: {
      tag: "iq",
      attrs: { from: server, type: "set" },
      content: [{ tag: "pair-device", attrs: {}, content: [{ tag: "ref", attrs: {}, content: "ref" }] }],
    },
    behind: "iq result",
  },
  "that a recipient could not read a message": {
    stanza: {
      tag: "receipt",
      attrs: { from: anas, type: "retry", t: "1" },
      content: [
        { tag: "retry", attrs: { count: "1", id: "A", t: "1", v: "1" } },
        { tag: "registration", attrs: {}, content: new Uint8Array([0, 0, 0, 1]) },
      ],
    },
    behind: ({ tag, attrs }) => tag === "ack" && attrs.class === "receipt",
  },
  "that a message was refused": {
    stanza: { tag: "ack", attrs: { from: anas, class: "message", error: "463" } },
    behind: "iq privacy set",
  },
  "the same message again, which cannot be read": {
    stanza: {
      tag: "message",
      attrs: { from: anas, type: "text", id: "A1", t: "1" },
      content: [{ tag: "enc", attrs: { v: "2", type: "msg" }, content: new Uint8Array([51, 1, 2, 3]) }],
    },
    behind: ({ tag, attrs }) => tag === "receipt" && attrs.type === "retry",
  },
  "a message that cannot be read": {
    stanza: {
      tag: "message",
      attrs: { from: anas, type: "text", t: "1" },
      content: [{ tag: "enc", attrs: { v: "2", type: "msg" }, content: new Uint8Array([51, 1, 2, 3]) }],
    },
    behind: ({ tag, attrs }) => tag === "receipt" && attrs.type === "retry",
  },
  "a message whose text has not come": {
    stanza: {
      tag: "message",
      attrs: { from: anas, type: "text", t: String(Math.floor(Date.now() / 1_000)) },
      content: [{ tag: "unavailable", attrs: {} }],
    },
    behind: ({ tag, attrs }) => tag === "ack" && attrs.class === "message",
  },
};

/** What is done to one phone's devices. */
function ofOne(
  what: string,
  begin: (faults: Faults, phone: string, simulator: Simulator) => void,
): LastingFault {
  return { what, isOfOne: true, begin: (simulator, phone) => begin(simulator.faults, phone, simulator) };
}

/** What is done to everything that connects. */
function ofAll(what: string, begin: (faults: Faults) => void): LastingFault {
  return { what, isOfOne: false, begin: ({ faults }) => begin(faults) };
}

/** Narrows down what is matched to the devices of one phone. */
function from(phone: string, matching: StanzaMatcher = () => true): StanzaMatcher {
  return (stanza, connection) =>
    connection.phone === phone &&
    (typeof matching === "string" ? stanzaKinds(stanza).includes(matching) : matching(stanza, connection));
}

/** Of devices that are being linked; what these send is counted where the faults have their tests. */
type FaultOfLinking = "requirePasskey" | "withholdRestart" | "withholdAppStateKey" | "withholdHistory";

/** Every other fault of the simulator but those that are no matter of the connection. */
const kinds: Record<
  Exclude<
    keyof Faults,
    | FaultOfLinking
    | "cdn"
    | "reset"
    | "sendFrameToAll"
    | "sendStanzaToAll"
    | "closeAll"
    | "namePictureNotifications"
  >,
  readonly LastingFault[]
> = {
  appState: (Object.keys(APP_STATE_FAULTS) as AppStateFault[]).map((fault) =>
    ofOne(`tells all app state badly: ${fault}`, (faults, phone) => faults.appState(fault, { phone })),
  ),
  followUp: Object.entries(provocations).map(([what, { stanza, behind }]) =>
    ofOne(`sends ${what}, and again behind what that makes a device do`, (faults, phone) => {
      faults.followUp(from(phone, behind), stanza);
      // For some the first is only where it begins to count from.
      for (const id of ["first", "second"])
        faults.sendStanza(phone, { ...stanza, attrs: { id, ...stanza.attrs } });
    }),
  ),
  latency: [
    ofOne("answers two seconds later", (faults, phone) => faults.latency(2_000, from(phone))),
    ofOne("answers later than anybody waits", (faults, phone) => faults.latency(30_000, from(phone))),
  ],
  silence: [
    ofOne("answers nothing", (faults, phone) => faults.silence(from(phone))),
    ofOne("answers pings only", (faults, phone) =>
      faults.silence(from(phone, ({ attrs }) => attrs.xmlns !== "w:p")),
    ),
  ],
  answerError: [400, 401, 429, 500, 503].map((code) =>
    ofOne(`answers everything with error ${code}`, (faults, phone) => faults.answerError(from(phone), code)),
  ),
  malformed: [
    ofOne("answers everything with an unknown element", (faults, phone) => faults.malformed(from(phone))),
    ofOne("answers everything with nothing", (faults, phone) => faults.malformed(from(phone), [])),
  ],
  refuseLogin: [400, 401, 402, 403, 405, 406, 409, 413, 414, 415, 418, 500, 503].map((reason) =>
    ofOne(`refuses logins with ${reason}`, (faults, phone) => faults.refuseLogin(reason, phone)),
  ),
  refusePairing: [ofAll("refuses pairings", (faults) => faults.refusePairing(405))],
  withholdQrCodes: [ofAll("offers no QR codes", (faults) => faults.withholdQrCodes())],
  answerUser: (["missing", "out", 500] as const).map((answer) =>
    ofAll(`answers questions about a contact badly: ${answer}`, (faults) => faults.answerUser(ana, answer)),
  ),
  withholdOffline: [ofAll("does not send what has waited", (faults) => faults.withholdOffline())],
  muteHandshake: [ofAll("does not answer the handshake", (faults) => faults.muteHandshake())],
  cut: [
    ["iq encrypt get/count", "the first question of a login"],
    ["iq encrypt get/digest", "the last question of a login"],
    ["iq w:sync:app:state set", "the question for the app state"],
    ["iq w:profile:picture get", "the question for a picture"],
  ].map(([kind = "", what = ""]) =>
    ofOne(`cuts the connection at ${what}`, (faults, phone) => faults.cut(from(phone, kind))),
  ),
  cutHandshake: (["hello", "finish"] as const).map((step) =>
    ofAll(`cuts the connection at the ${step} of the handshake`, (faults) => faults.cutHandshake(step)),
  ),
  garbleHandshake: [
    ofAll("answers the handshake with bytes that are none", (faults) => faults.garbleHandshake()),
  ],
  wrongClock: [ofAll("has a clock of yesterday", (faults) => faults.wrongClock(-86_400_000))],
  close: (
    [
      "restart-required",
      "service-unavailable",
      "bad-session",
      "xmlstreamend",
      "tcp-drop",
      "timed-out",
      "unplugged",
    ] as const
  ).map((kind) =>
    ofOne(`ends each connection right behind the login: ${kind}`, (faults, phone, simulator) =>
      behindLogins(simulator, phone, () => faults.close(phone, kind)),
    ),
  ),
  sendFrame: [
    ofOne("sends a frame that does not decrypt behind each login", (faults, phone, simulator) =>
      behindLogins(simulator, phone, () => faults.sendFrame(phone, "undecryptable")),
    ),
  ],
  sendStanza: [
    ofOne("sends an unknown stanza for each that it gets", (faults, phone) =>
      faults.followUp(from(phone), { tag: "nonsense", attrs: { type: "nonsense" } }),
    ),
  ],
};

function behindLogins(simulator: Simulator, phone: string, work: () => void): void {
  simulator.events.on("login", (event) => {
    if (event.phone === phone) setImmediate(work);
  });
}

export const lastingFaults: readonly LastingFault[] = Object.values(kinds).flat();

/** Those by which a client could be made to go on as fast as it is answered. */
export const quickFaults: readonly LastingFault[] = [...kinds.appState, ...kinds.followUp];
