import { type BinaryNode, getBinaryNodeChild } from "../../whatsapp/protocol/baileys.ts";
import type { Jid } from "../../whatsapp/protocol/jid.ts";

/**
 * `<iq xmlns="w:profile:picture" type="set">`, with `<picture type="image">` around a JPEG, or without it to remove the
 * picture (Baileys rc14's updateProfilePicture and removeProfilePicture, whatsmeow's SetGroupPhoto). Neither sends a
 * preview: WhatsApp makes its own.
 * @param group the group with the picture; `undefined`: the own account, which is never named as `target`
 */
export function pictureChange(group: Jid | undefined, jpeg: Uint8Array | undefined): BinaryNode {
  return {
    tag: "iq",
    attrs: {
      to: "@s.whatsapp.net",
      type: "set",
      xmlns: "w:profile:picture",
      ...(group !== undefined && { target: group }),
    },
    ...(jpeg && { content: [{ tag: "picture", attrs: { type: "image" }, content: jpeg }] }),
  };
}

/** @returns the id of the picture that was set; `undefined` when the reply does not have it */
export function readPictureChange(reply: BinaryNode): string | undefined {
  return getBinaryNodeChild(reply, "picture")?.attrs.id || undefined;
}
