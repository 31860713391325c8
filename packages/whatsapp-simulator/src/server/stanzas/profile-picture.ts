import { randomInt } from "node:crypto";
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildBuffer } from "@whiskeysockets/baileys";
import { Group } from "../../model/group.ts";
import type { PictureOwner } from "../../model/picture.ts";
import {
  badRequest,
  failure,
  forbidden,
  itemNotFound,
  noAnswer,
  notAcceptable,
  notAuthorized,
  type Reply,
  result,
} from "../../wire/iq-reply.ts";
import { element, requireChild } from "../../wire/stanza.ts";
import type { ServerContext } from "../server-context.ts";
import type { IqHandler, SessionRequest } from "./iq-handler.ts";

/**
 * `<iq xmlns="w:profile:picture" target>`: the picture of an account or a group; the own one without `target`.
 * As whatsmeow user.go GetProfilePictureInfo asks and reads it; found, unchanged, 401 and 404 are proven on
 * loopback with rc14. A community answers this form with 401.
 */
export const profilePicture: IqHandler = (request, context) => {
  const { stanza, account } = request;
  const owner = stanza.attrs.target ? find(stanza.attrs.target, context) : account;
  if (stanza.attrs.type === "set") return change(request, context);
  if (!owner) return itemNotFound;
  if ("community" in owner && owner.community) return notAuthorized;
  return answerPicture(owner, requireChild(stanza, "picture"), context);
};

/** The reply about one owner; `w:g2` wraps the same answer for communities. */
export function answerPicture(owner: PictureOwner, question: BinaryNode, context: ServerContext): Reply {
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
      return getBinaryNodeChild(question, "tctoken") ? visible(owner, question, context) : noAnswer;
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
        : visible(owner, question, context);
    case "visible":
      return visible(owner, question, context);
  }
}

function visible(owner: PictureOwner, question: BinaryNode, context: ServerContext): Reply {
  const { picture } = owner;
  if (!picture) return itemNotFound;
  if (isUnchanged(owner, question)) return result();
  const size = question.attrs.type === "preview" ? "preview" : "image";
  const { url, directPath, hash } = context.media.address(picture, size);
  return result(element("picture", { id: picture.id, type: size, url, direct_path: directPath, hash }));
}

function isUnchanged(owner: PictureOwner, question: BinaryNode): boolean {
  return owner.picture !== undefined && question.attrs.id === owner.picture.id;
}

function nestedError(code: string, text: string): BinaryNode {
  return element("picture", {}, [element("error", { code, text })]);
}

/**
 * Sets or, without `<picture>`, removes the own picture, or that of a group whose admin the account is (rc14 Socket/chats.ts
 * updateProfilePicture). 406 for what is no JPEG is whatsmeow's (group.go SetGroupPhoto); 401 when the account is no admin and
 * 403 when it is no member are what public issues report of other changes to groups.
 */
function change({ stanza, account, device }: SessionRequest, context: ServerContext): Reply {
  const { target } = stanza.attrs;
  const owner = target === undefined ? account : find(target, context);
  if (!owner) return itemNotFound;
  const image = getBinaryNodeChildBuffer(stanza, "picture");
  if (image && !isJpeg(image)) return notAcceptable;
  const picture = image && { id: newPictureId(), image: Buffer.from(image) };
  if (owner === account) context.changes.picture(account, picture, device);
  else {
    if (!(owner instanceof Group)) return notAuthorized;
    if (!owner.participants.includes(account.phone)) return forbidden;
    if (!owner.admins.includes(account.phone)) return notAuthorized;
    owner.changePicture(picture, account, device);
  }
  return picture ? result(element("picture", { id: picture.id })) : result();
}

function isJpeg(image: Uint8Array): boolean {
  return image[0] === 0xff && image[1] === 0xd8 && image[2] === 0xff;
}

/** Ten digits, as WhatsApp's have; setting the same image again gives another one. */
function newPictureId(): string {
  return String(randomInt(1_000_000_000, 10_000_000_000));
}

function find(jid: string, context: ServerContext) {
  return context.directory.accountOf(jid) ?? context.directory.group(jid);
}
