import type { BinaryNode, proto } from "@whiskeysockets/baileys";
import { element } from "../wire/stanza.ts";

/** What the stanza of a message says of its content, which no server can read. */
export interface StanzaOfContent {
  /** Of `<message>`: `type`, and `edit` where it changes another one. */
  readonly attrs: Readonly<Record<string, string>>;
  /** Of `<enc>`. */
  readonly encAttrs: Readonly<Record<string, string>>;
  /** Beside `<enc>`. */
  readonly children: readonly BinaryNode[];
}

/** @returns what phones write, as far as rc14 writes it, too (Socket/messages-send.ts sendMessage, relayMessage, getMessageType) */
export function stanzaOfContent(content: proto.IMessage): StanzaOfContent {
  const message = content.editedMessage?.message ?? content;
  const kind = kindOf(message);
  return {
    attrs: { type: kind.type, ...(kind.edit && { edit: kind.edit }) },
    encAttrs: {
      ...(kind.mediaType && { mediatype: kind.mediaType }),
      ...(kind.isHidden && { "decrypt-fail": "hide" }),
    },
    children: kind.pollType ? [element("meta", { polltype: kind.pollType })] : [],
  };
}

interface Kind {
  readonly type: "text" | "media" | "reaction" | "poll" | "event";
  readonly edit?: "1" | "2" | "7" | "8";
  readonly mediaType?: string;
  readonly pollType?: "creation" | "vote";
  /** Whether nothing is shown in its place when it cannot be decrypted. */
  readonly isHidden?: boolean;
}

/** `ProtocolMessage.Type`. */
const revoke = 0;

function kindOf(message: proto.IMessage): Kind {
  const { protocolMessage } = message;
  if (message.reactionMessage) return { type: "reaction", isHidden: true };
  if (message.pollUpdateMessage) return { type: "poll", pollType: "vote", isHidden: true };
  if (message.pollCreationMessage || message.pollCreationMessageV3)
    return { type: "poll", pollType: "creation" };
  if (message.eventMessage) return { type: "event" };
  if (message.pinInChatMessage) return { type: "text", edit: "2", isHidden: true };
  if (message.secretEncryptedMessage || protocolMessage?.editedMessage) return { type: "text", edit: "1" };
  // An admin takes down what another member wrote.
  if (protocolMessage?.key && (protocolMessage.type ?? revoke) === revoke)
    return { type: "text", edit: protocolMessage.key.fromMe === false ? "8" : "7" };
  const mediaType = mediaTypeOf(message);
  return mediaType === undefined ? { type: "text" } : { type: "media", mediaType };
}

function mediaTypeOf(message: proto.IMessage): string | undefined {
  if (message.videoMessage) return message.videoMessage.gifPlayback ? "gif" : "video";
  if (message.audioMessage) return message.audioMessage.ptt ? "ptt" : "audio";
  const found = mediaTypes.find(([field]) => message[field]);
  return found?.[1];
}

const mediaTypes = [
  ["imageMessage", "image"],
  ["stickerMessage", "sticker"],
  ["documentMessage", "document"],
  ["contactMessage", "vcard"],
  ["contactsArrayMessage", "contact_array"],
  ["liveLocationMessage", "livelocation"],
  ["listMessage", "list"],
  ["listResponseMessage", "list_response"],
  ["buttonsResponseMessage", "buttons_response"],
  ["orderMessage", "order"],
  ["productMessage", "product"],
  ["interactiveResponseMessage", "native_flow_response"],
  ["groupInviteMessage", "url"],
] as const satisfies readonly (readonly [keyof proto.IMessage, string])[];
