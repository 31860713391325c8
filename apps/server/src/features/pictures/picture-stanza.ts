import { type BinaryNode, getBinaryNodeChild } from "../../whatsapp/protocol/baileys.ts";
import type { Jid } from "../../whatsapp/protocol/jid.ts";
import type { PrivacyToken } from "../../whatsapp/protocol/privacy-token.ts";

export type PictureSize = "image" | "preview";

export interface PictureQuery {
  readonly target: Jid;
  readonly size: PictureSize;
  /** The id of a picture that the caller already has. */
  readonly knownId?: string | undefined;
  readonly privacyToken?: PrivacyToken | undefined;
}

/** WhatsApp's reply about a picture. */
export type PictureReply =
  | { readonly outcome: "found"; readonly picture: FoundPicture }
  | { readonly outcome: "unchanged" }
  | { readonly outcome: "not-set" }
  | { readonly outcome: "hidden" }
  | { readonly outcome: "rate-limited" }
  | { readonly outcome: "not-understood"; readonly why: string };

export interface FoundPicture {
  readonly id: string;
  readonly size: PictureSize;
  readonly url: string;
  readonly directPath: string;
  /** When the URL stops working; `undefined` when the URL does not say. */
  readonly expiresAt: Date | undefined;
}

/**
 * `<iq xmlns="w:profile:picture" target=…>` for users, LIDs and groups.
 *
 * Attributes as whatsmeow's GetProfilePictureInfo and Baileys rc14's profilePictureUrl send them; the token must stand
 * inside `<picture>` and carry `t`, else WhatsApp drops the query in silence (Baileys #2607).
 */
export function pictureQuery({ target, size, knownId, privacyToken }: PictureQuery): BinaryNode {
  return {
    tag: "iq",
    attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "w:profile:picture", target },
    content: [
      {
        tag: "picture",
        attrs: { query: "url", type: size, ...(knownId === undefined ? {} : { id: knownId }) },
        ...(privacyToken && {
          content: [{ tag: "tctoken", attrs: { t: privacyToken.timestamp }, content: privacyToken.token }],
        }),
      },
    ],
  };
}

/** The form that communities reply to: `<iq xmlns="w:g2" to=GROUP><pictures><picture parent_group_jid=…>` (whatsmeow). */
export function communityPictureQuery({ target, size, knownId }: PictureQuery): BinaryNode {
  return {
    tag: "iq",
    attrs: { to: target, type: "get", xmlns: "w:g2" },
    content: [
      {
        tag: "pictures",
        attrs: {},
        content: [
          {
            tag: "picture",
            attrs: {
              query: "url",
              type: size,
              parent_group_jid: target,
              ...(knownId === undefined ? {} : { id: knownId }),
            },
          },
        ],
      },
    ],
  };
}

/**
 * Reads the reply to either query. WhatsApp's data is not trusted: a URL must be valid, an id must not be empty.
 *
 * Unchanged is a 304, or no URL although an id was sent; not set is a 204, or an empty reply when no id was sent; an
 * `<error>` may also be nested in `<picture>` (whatsmeow, whatsapp-rust).
 */
export function readPictureReply(reply: BinaryNode, query: PictureQuery): PictureReply {
  const wrapped = getBinaryNodeChild(reply, "pictures");
  const picture = getBinaryNodeChild(wrapped ?? reply, "picture");
  const nothing: PictureReply = { outcome: query.knownId === undefined ? "not-set" : "unchanged" };
  if (!picture) return nothing;
  const error = getBinaryNodeChild(picture, "error");
  if (error) return readPictureError(Number(error.attrs.code));
  const { status, id, url } = picture.attrs;
  if (status !== undefined) {
    if (status === "304") return { outcome: "unchanged" };
    if (status === "204") return { outcome: "not-set" };
    return { outcome: "not-understood", why: `picture status ${status.slice(0, 20)}` };
  }
  if (url === undefined) {
    if (id === undefined || id === query.knownId) return nothing;
    return { outcome: "not-understood", why: "a picture without a URL" };
  }
  return readFoundPicture(picture, query.size);
}

/** Maps an `<error code=…>`, nested or of the whole IQ, to a picture reply. */
export function readPictureError(code: number): PictureReply {
  switch (code) {
    case 401:
    case 403:
      return { outcome: "hidden" };
    case 404:
      return { outcome: "not-set" };
    case 429:
      return { outcome: "rate-limited" };
    default:
      return { outcome: "not-understood", why: `error ${code}` };
  }
}

function readFoundPicture(picture: BinaryNode, asked: PictureSize): PictureReply {
  const { id, url = "", type = asked, direct_path } = picture.attrs;
  if (!id) return { outcome: "not-understood", why: "a picture without an id" };
  if (type !== "image" && type !== "preview") {
    return { outcome: "not-understood", why: "a picture of an unknown type" };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "https:" && parsed?.protocol !== "http:") {
    return { outcome: "not-understood", why: "a picture whose URL is none" };
  }
  return {
    outcome: "found",
    picture: {
      id,
      size: type,
      url,
      directPath: direct_path?.startsWith("/") ? direct_path : `${parsed.pathname}${parsed.search}`,
      expiresAt: expiryOf(parsed),
    },
  };
}

/** WhatsApp's CDN puts the expiry into `oe`, Unix seconds in hexadecimal. */
function expiryOf(url: URL): Date | undefined {
  const oe = url.searchParams.get("oe");
  return oe !== null && /^[0-9a-f]{1,10}$/i.test(oe) ? new Date(Number.parseInt(oe, 16) * 1000) : undefined;
}
