import type { BinaryNode } from "@whiskeysockets/baileys";
import { notAuthorized, notImplemented, type Reply } from "../../wire/iq-reply.ts";
import { firstChild } from "../../wire/stanza.ts";
import type { Client } from "../client.ts";
import type { ServerContext } from "../server-context.ts";
import { about } from "./about.ts";
import { appState } from "./app-state.ts";
import { blocklist } from "./block-list.ts";
import { business } from "./business.ts";
import { companion, companionRegistration } from "./companion.ts";
import { encrypt } from "./encrypt.ts";
import { groups } from "./groups.ts";
import { type IqHandler, sendReply } from "./iq-handler.ts";
import { presence } from "./presence.ts";
import { profilePicture } from "./profile-picture.ts";
import { abProps, acknowledge, mediaConnection, privacy } from "./settings.ts";
import { usync } from "./usync.ts";

/** The handlers of IQs of logged-in devices, by xmlns. Anything else gets 501. */
const HANDLERS = new Map<string, IqHandler>(
  Object.entries({
    abt: abProps,
    blocklist,
    disappearing_mode: acknowledge,
    encrypt,
    md: companion,
    passive: acknowledge,
    privacy,
    status: about,
    "urn:xmpp:whatsapp:dirty": acknowledge,
    usync,
    "w:biz": business,
    "w:g2": groups,
    "w:m": mediaConnection,
    "w:p": acknowledge,
    "w:profile:picture": profilePicture,
    "w:stats": acknowledge,
    "w:sync:app:state": appState,
  }),
);

/**
 * Handles one stanza. Receipts, acks, chat states and `<ib>` need no answer; a message that is acknowledged does not come
 * again. A receipt alone counts too, since rc14 sends no ack behind it (Socket/messages-recv.ts handleMessage). Of IQ results
 * only the proof of pairing matters.
 */
export async function dispatch(
  connection: Client,
  stanza: BinaryNode,
  context: ServerContext,
): Promise<void> {
  if (stanza.tag === "message") return context.messages.route(connection, stanza);
  if (stanza.tag === "presence") presence(connection, stanza, context);
  if (acknowledges(stanza)) connection.session?.device.acknowledge(stanza.attrs.id);
  if (stanza.tag !== "iq") return;
  if (stanza.attrs.type === "result" || stanza.attrs.type === "error")
    return context.pairSuccess.accept(connection, stanza);
  const reply =
    context.faults.replyTo(stanza, connection.info) ?? (await answer(connection, stanza, context));
  sendReply(connection, stanza, reply);
}

/** A device that could not read a message asks for it again by a receipt first, and acknowledges it behind that. */
function acknowledges({ tag, attrs }: BinaryNode): boolean {
  return (tag === "ack" && attrs.class === "message") || (tag === "receipt" && attrs.type !== "retry");
}

function answer(connection: Client, stanza: BinaryNode, context: ServerContext): Reply | Promise<Reply> {
  const request = { stanza, child: firstChild(stanza), connection };
  const xmlns = stanza.attrs.xmlns ?? "";
  const { session } = connection;
  if (session) {
    const handler = HANDLERS.get(xmlns);
    return handler ? handler({ ...request, ...session }, context) : notImplemented;
  }
  if (xmlns === "md") return companionRegistration(request, context);
  return xmlns === "w:p" ? { type: "result", content: undefined } : notAuthorized;
}
