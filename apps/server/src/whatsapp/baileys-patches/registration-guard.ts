import { type BinaryNode, getBinaryNodeChild, type WASocket } from "../protocol/baileys.ts";

/** The events of a connection that waits to be paired. */
export interface RegisteringEvents {
  /** WhatsApp sent `<success>` to a device that has no identity yet. */
  loggedInWithout(): void;
  /**
   * The account must confirm a new device with a passkey.
   * @param acknowledged resolves when the acknowledgement has been sent to WhatsApp
   */
  passkeyRequired(acknowledged: Promise<void>): void;
  /** The pairing code that was asked for cannot be typed any more. */
  codeExpired(): void;
}

/**
 * Keeps stanzas that rc14 cannot handle from Baileys, on a connection that waits to be paired:
 *
 * - `<success>` means that a device has logged in, and this one cannot: WhatsApp asks it to come back (515) when it is linked.
 *   rc14 would take the connection for a login, stop offering QR codes, and store an identity without a JID. whatsmeow ignores
 *   `<success>` while it registers, too.
 * - rc14 acknowledges notifications with its own JID, and throws while it has none, so WhatsApp would send them again and
 *   again. They are acknowledged here, except the notification that a pairing code was typed, which rc14 handles. The
 *   notification that the code has expired is `<link_code_companion_reg stage="refresh_code">` (WhatsApp Web's
 *   WASmaxInMdRefreshCodeNotifyCompanionRequest).
 *
 * The request for a passkey is `<notification type="passkey_prologue_request">`, and only WhatsApp's server itself sends it
 * (whatsmeow pair-passkey.go).
 */
export function guardRegistering(
  socket: Pick<WASocket, "ws" | "sendNode">,
  { loggedInWithout, passkeyRequired, codeExpired }: RegisteringEvents,
): void {
  const taken = new WeakSet<object>();
  const take = (stanza: BinaryNode): void => {
    if (stanza.tag === "success") {
      taken.add(stanza);
      loggedInWithout();
    }
    if (stanza.tag !== "notification") return;
    const ofCode = getBinaryNodeChild(stanza, "link_code_companion_reg");
    if (ofCode && ofCode.attrs.stage !== "refresh_code") return;
    taken.add(stanza);
    const acknowledged = socket.sendNode(acknowledgement(stanza));
    // The connection may end under it, which is noticed elsewhere.
    acknowledged.catch(() => undefined);
    const { type, from = "" } = stanza.attrs;
    if (ofCode) codeExpired();
    if (type === "passkey_prologue_request" && /^@?s\.whatsapp\.net$/.test(from))
      passkeyRequired(acknowledged);
  };

  const { ws } = socket;
  const emit = ws.emit.bind(ws);
  ws.emit = (name, ...given) => {
    const [stanza] = given;
    // Each stanza comes as a `frame` first, and then under the names that rc14 listens for.
    if (name === "frame" && isStanza(stanza)) take(stanza);
    if (name !== "frame" && taken.has(stanza)) return true;
    return emit(name, ...given);
  };
}

/** As Baileys rc14 (buildAckStanza) and whatsmeow (sendAck) acknowledge notifications, without a JID of one's own. */
function acknowledgement({ tag, attrs: { id = "", from = "", type } }: BinaryNode): BinaryNode {
  return { tag: "ack", attrs: { id, to: from, class: tag, ...(type !== undefined && { type }) } };
}

/** Before the handshake is over, frames are bytes. */
function isStanza(frame: unknown): frame is BinaryNode {
  return typeof frame === "object" && frame !== null && "tag" in frame && "attrs" in frame;
}
