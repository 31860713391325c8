import { createHash } from "node:crypto";
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildBuffer } from "@whiskeysockets/baileys";
import type { PictureOwner } from "../pictures/picture.ts";
import { element, requireChild } from "../stanza.ts";
import type { World } from "../world.ts";
import {
  badRequest,
  failure,
  type IqHandler,
  itemNotFound,
  noAnswer,
  notAuthorized,
  type Reply,
  result,
  type SessionRequest,
} from "./reply.ts";

/**
 * `<iq xmlns="w:profile:picture" target>`: the picture of a person or a group; of the asker without `target`.
 * As whatsmeow user.go GetProfilePictureInfo asks and reads it; found, unchanged, 401 and 404 are proven on
 * loopback with rc14. A community answers this form with 401.
 */
export const profilePicture: IqHandler = (request, world) => {
  const { stanza, account } = request;
  const owner = stanza.attrs.target ? find(stanza.attrs.target, world) : account;
  if (stanza.attrs.type === "set") return change(request, world);
  if (!owner) return itemNotFound;
  if ("community" in owner && owner.community) return notAuthorized;
  return answerPicture(owner, requireChild(stanza, "picture"), world);
};

/** The reply about one owner; `w:g2` wraps the same answer for communities. */
export function answerPicture(owner: PictureOwner, question: BinaryNode, world: World): Reply {
  switch (owner.pictureBehaviour) {
    case "hidden":
      return notAuthorized;
    case "rate-limited":
      return failure(429, "rate-overlimit");
    case "bad-request":
      return badRequest;
    case "silent":
      return noAnswer;
    case "token-required":
      return getBinaryNodeChild(question, "tctoken") ? visible(owner, question, world) : noAnswer;
    case "malformed":
      return result(element("picture", { type: "image", url: "not a url" }));
    case "status-204":
      return result(element("picture", { status: "204" }));
    case "nested-error-401":
      return result(nestedError("401", "not-authorized"));
    case "nested-error-404":
      return result(nestedError("404", "item-not-found"));
    case "empty-result":
      return result();
    case "empty-picture":
      return result(element("picture"));
    case "id-only":
      return owner.picture ? result(element("picture", { id: owner.picture.id })) : itemNotFound;
    case "unchanged-304":
      return isUnchanged(owner, question)
        ? result(element("picture", { status: "304" }))
        : visible(owner, question, world);
    case "visible":
      return visible(owner, question, world);
  }
}

function visible(owner: PictureOwner, question: BinaryNode, world: World): Reply {
  const { picture } = owner;
  if (!picture) return itemNotFound;
  if (isUnchanged(owner, question)) return result();
  const size = question.attrs.type === "preview" ? "preview" : "image";
  const { url, directPath, hash } = world.media.address(picture, size);
  return result(element("picture", { id: picture.id, type: size, url, direct_path: directPath, hash }));
}

function isUnchanged(owner: PictureOwner, question: BinaryNode): boolean {
  return owner.picture !== undefined && question.attrs.id === owner.picture.id;
}

function nestedError(code: string, text: string): BinaryNode {
  return element("picture", {}, [element("error", { code, text })]);
}

/** Sets the asker's picture or a group's; without `<picture>` it removes it (rc14 Socket/chats.ts). */
function change({ stanza, account }: SessionRequest, world: World): Reply {
  const owner = stanza.attrs.target ? world.directory.group(stanza.attrs.target) : account;
  if (!owner) return notAuthorized;
  const image = getBinaryNodeChildBuffer(stanza, "picture");
  if (!image) {
    owner.setPicture(null);
    return result();
  }
  const id = String(createHash("sha256").update(image).digest().readUInt32BE());
  owner.setPicture({ id, image: Buffer.from(image) });
  return result(element("picture", { id }));
}

function find(jid: string, world: World) {
  return world.directory.accountOf(jid) ?? world.directory.group(jid);
}
