import type { BinaryNode } from "@whiskeysockets/baileys";
import type { Client } from "../client.ts";
import type { ServerContext } from "../server-context.ts";

/**
 * `<presence>`: a device comes or goes, or subscribes to an account (rc14 Socket/chats.ts sendPresenceUpdate,
 * presenceSubscribe). The name that comes along is not taken: the phone has it through app state.
 */
export function presence(connection: Client, { attrs }: BinaryNode, context: ServerContext): void {
  const { session } = connection;
  if (!session) return;
  const { account, device } = session;
  if (attrs.type === "available" || attrs.type === "unavailable")
    account.presence.set(device, attrs.type === "available");
  if (attrs.type !== "subscribe") return;
  const target = context.directory.accountOf(attrs.to ?? "");
  if (target && !target.blockList.has(account)) target.presence.subscribe(device, connection);
}
