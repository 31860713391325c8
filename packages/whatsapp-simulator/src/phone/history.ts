import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { proto } from "@whiskeysockets/baileys";
import { encryptFile } from "../cdn/encrypted-file.ts";
import type { AccountState } from "../model/accounts/account-state.ts";
import type { ChatDescription } from "../model/accounts/history-description.ts";
import type { PhoneContext } from "./phone-context.ts";

const CHATS_IN_CHUNK = 100;
const WRITTEN_AT = 1_700_000_000;
const TYPE = proto.HistorySync.HistorySyncType;

/**
 * The protocol messages that bring a new device the phone's history (rc14 Utils/history.ts processHistoryMessage):
 * the chats without messages, with LIDs and privacy tokens; push names; then the chats with messages, in parts.
 */
export function historyMessages(account: AccountState, context: PhoneContext): proto.IMessage[] {
  const { history } = account.description;
  if (history === false) return [];
  const chats = (history?.chats ?? defaultChats(account, context)).map((chat) =>
    conversation(chat, account, context),
  );
  const partners = chats.flatMap(({ id }) => context.directory.accountOf(id) ?? []);
  const bootstrap = {
    syncType: TYPE.INITIAL_BOOTSTRAP,
    conversations: chats.map((chat) => ({ ...chat, messages: [] })),
    phoneNumberToLidMappings: mappings(account, partners),
    progress: 0,
  };
  const pushNames = {
    syncType: TYPE.PUSH_NAME,
    pushnames: partners.map(({ jid, name }) => ({ id: jid, pushname: name })),
  };
  const parts = Array.from({ length: Math.max(1, Math.ceil(chats.length / CHATS_IN_CHUNK)) }, (_, index) =>
    chats.slice(index * CHATS_IN_CHUNK, (index + 1) * CHATS_IN_CHUNK),
  );
  const recent = parts.map((conversations, index) => ({
    syncType: TYPE.RECENT,
    conversations,
    progress: Math.floor(((index + 1) * 100) / parts.length),
  }));
  return [bootstrap, ...(partners.length > 0 ? [pushNames] : []), ...recent].map((sync, index) =>
    notification(proto.HistorySync.create({ ...sync, chunkOrder: index + 1 }), context),
  );
}

function defaultChats(account: AccountState, { directory }: PhoneContext): ChatDescription[] {
  const contacts = account.contacts.flatMap(({ phone }) => (phone === undefined ? [] : [{ with: phone }]));
  const groups = directory.groups.filter(({ participants }) => participants.includes(account.phone));
  return [...contacts, ...groups.map(({ jid }) => ({ with: jid }))];
}

/** @throws Error for an unknown group. */
function conversation(
  chat: ChatDescription,
  account: AccountState,
  { directory }: PhoneContext,
): proto.IConversation & { id: string } {
  if (chat.with.endsWith("@g.us")) {
    const { jid, subject } = directory.requireGroup(chat.with);
    return { id: jid, name: subject, messages: chatMessages(chat, jid, account) };
  }
  const pnJid = `${chat.with}@s.whatsapp.net`;
  const contact = account.contacts.find(({ phone }) => phone === chat.with);
  const lid = directory.findAccount(chat.with)?.lid ?? contact?.lid;
  const token = account.privacyTokens.get(chat.with);
  const { history } = account.description;
  const id = (history !== false && history?.by === "lid" ? lid : undefined) ?? pnJid;
  return {
    id,
    pnJid,
    ...(contact?.fullName === undefined ? {} : { name: contact.fullName }),
    ...(lid === undefined ? {} : { lidJid: lid }),
    ...(token ? { tcToken: token.bytes, tcTokenTimestamp: token.at } : {}),
    messages: chatMessages(chat, id, account),
  };
}

function chatMessages({ messages = [] }: ChatDescription, remoteJid: string, { phone }: AccountState) {
  return messages.map(({ text, fromMe = false, at = WRITTEN_AT }, index) => ({
    message: {
      key: { remoteJid, fromMe, id: messageId(`${phone} ${remoteJid} ${index}`) },
      message: { conversation: text },
      messageTimestamp: at,
    },
    msgOrderId: index + 1,
  }));
}

/** The same at each sync, as a phone's are. */
function messageId(seed: string): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, 32).toUpperCase();
}

function mappings(
  account: AccountState,
  partners: readonly AccountState[],
): proto.IPhoneNumberToLIDMapping[] {
  const known = new Map(partners.map(({ jid, lid }) => [jid, lid]));
  for (const { phone, lid } of account.contacts)
    if (phone !== undefined && lid !== undefined) known.set(`${phone}@s.whatsapp.net`, lid);
  return [...known].map(([pnJid, lidJid]) => ({ pnJid, lidJid }));
}

function notification(sync: proto.HistorySync, { blobsOnCdn, media }: PhoneContext): proto.IMessage {
  const { syncType, chunkOrder, progress } = sync;
  const packed = deflateSync(proto.HistorySync.encode(sync).finish());
  const described = { syncType, chunkOrder: chunkOrder ?? 0, progress: progress ?? 0 };
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: blobsOnCdn
        ? { ...described, ...onCdn(packed, media) }
        : { ...described, initialHistBootstrapInlinePayload: packed },
    },
  };
}

function onCdn(packed: Buffer, media: PhoneContext["media"]) {
  const { bytes, ...file } = encryptFile(packed, "WhatsApp History Keys");
  return { ...file, directPath: media.keep(bytes), fileLength: packed.length };
}
