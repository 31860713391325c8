import { getBinaryNodeChildBuffer } from "@whiskeysockets/baileys";
import { badRequest, notAcceptable, result } from "../../wire/iq-reply.ts";
import type { IqHandler } from "./iq-handler.ts";

/** As the apps allow. */
const LONGEST = 139;

/** `status`: the client changes its own about text (rc14 Socket/chats.ts updateProfileStatus); an empty one clears it. */
export const about: IqHandler = ({ stanza, child, account, device }, { changes }) => {
  if (stanza.attrs.type !== "set" || child?.tag !== "status") return badRequest;
  const content = child.content;
  const text =
    typeof content === "string" ? content : (getBinaryNodeChildBuffer(stanza, "status")?.toString() ?? "");
  if ([...text].length > LONGEST) return notAcceptable;
  changes.about(account, text, device);
  return result();
};
