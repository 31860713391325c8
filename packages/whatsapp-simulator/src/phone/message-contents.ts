import { createHash, randomBytes } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import { encryptWithSecret, type SecretTarget } from "../model/signal/message-secret.ts";

/** Names the message that another one speaks of. */
type Key = proto.IMessageKey;

const { Type } = proto.Message.ProtocolMessage;
const { SecretEncType } = proto.Message.SecretEncryptedMessage;

/** @param text an emoji; empty: the reaction is taken back */
export function reaction(key: Key, text: string): proto.IMessage {
  return { reactionMessage: { key, text, senderTimestampMs: Date.now() } };
}

export function edit(key: Key, text: string): proto.IMessage {
  const editedMessage = { conversation: text };
  return {
    editedMessage: {
      message: {
        protocolMessage: { key, type: Type.MESSAGE_EDIT, editedMessage, timestampMs: Date.now() },
      },
    },
  };
}

/** An edit as newer phones write it: encrypted under the secret of the message that it changes. */
export function secretEdit(key: Key, text: string, target: SecretTarget): proto.IMessage {
  const protocolMessage = { key, type: Type.MESSAGE_EDIT, editedMessage: { conversation: text } };
  const plaintext = proto.Message.encode({ protocolMessage }).finish();
  return {
    secretEncryptedMessage: {
      targetMessageKey: key,
      secretEncType: SecretEncType.MESSAGE_EDIT,
      ...encryptWithSecret(target, "Message Edit", plaintext),
    },
  };
}

export function revocation(key: Key): proto.IMessage {
  return { protocolMessage: { key, type: Type.REVOKE } };
}

/** @param seconds how long it stays pinned; 0: it is taken down */
export function pin(key: Key, seconds: number): proto.IMessage {
  const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type;
  const type = seconds > 0 ? PIN_FOR_ALL : UNPIN_FOR_ALL;
  return {
    pinInChatMessage: { key, type, senderTimestampMs: Date.now() },
    messageContextInfo: { messageAddOnDurationInSecs: seconds },
  };
}

/** @param most how many options each voter may choose; 0: any number */
export function poll(name: string, options: readonly string[], most: number): proto.IMessage {
  return {
    pollCreationMessageV3: {
      name,
      options: options.map((optionName) => ({ optionName })),
      selectableOptionsCount: most,
    },
  };
}

/** @param chosen names of options; none: the vote is taken back */
export function vote(key: Key, chosen: readonly string[], target: SecretTarget): proto.IMessage {
  const selectedOptions = chosen.map((name) => createHash("sha256").update(name).digest());
  const plaintext = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish();
  return {
    pollUpdateMessage: {
      pollCreationMessageKey: key,
      vote: encryptWithSecret(target, "Poll Vote", plaintext),
      senderTimestampMs: Date.now(),
    },
  };
}

/** @returns the message with a secret, as phones give each one that others can speak of: votes and edits are encrypted under it */
export function withSecret(message: proto.IMessage): proto.IMessage {
  const speaksOfAnother = [
    message.reactionMessage,
    message.editedMessage,
    message.secretEncryptedMessage,
    message.protocolMessage,
    message.pinInChatMessage,
    message.pollUpdateMessage,
  ].some((content) => content);
  if (speaksOfAnother || message.messageContextInfo?.messageSecret) return message;
  return {
    ...message,
    messageContextInfo: { ...message.messageContextInfo, messageSecret: randomBytes(32) },
  };
}
