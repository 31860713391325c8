/** A profile or group picture. */
export interface PictureDescription {
  /** WhatsApp's picture id, e.g. `1700000000`; identifies the same bytes throughout one simulator. */
  readonly id: string;
  /** JPEG or PNG bytes. Default: a drawing derived from the id, 640 pixels wide, as preview 96. */
  readonly image?: Uint8Array;
  /** How long the URL of an answer works. Default 86,400 (24 hours); 0 or less: it has expired already. */
  readonly urlLifetimeSeconds?: number;
}

/**
 * How WhatsApp answers a picture query about an account or a group. All but `visible` are answers that whatsmeow's
 * GetProfilePictureInfo (user.go), whatsapp-rust or public issues name.
 */
export const PICTURE_BEHAVIOURS = [
  /** The picture, or 404 when none is set; an empty result when the query names its id. */
  "visible",
  /** 401 not-authorized: privacy settings hide it from the client. */
  "hidden",
  /** 429 rate-overlimit. */
  "rate-limited",
  /** No answer, ever. */
  "silent",
  /** A `<picture>` without id and with a URL that is none. */
  "malformed",
  /** As `visible`, but the reply to an unchanged picture is `<picture status="304"/>`. */
  "unchanged-304",
  /** `<picture status="204"/>`: not set. */
  "status-204",
  /** A result with `<picture><error code="401"/></picture>` inside. */
  "nested-error-401",
  /** A result with `<picture><error code="404"/></picture>` inside. */
  "nested-error-404",
  /** A result without `<picture>`, for every query. */
  "empty-result",
  /** A result with an empty `<picture/>`: unchanged, to whatsapp-rust. */
  "empty-picture",
  /** A `<picture>` with an id but without a URL: unchanged, to whatsapp-rust. */
  "id-only",
  /** 400 bad-request. */
  "bad-request",
  /** As `visible` for queries with a privacy token (`<tctoken>`), silent for those without (Baileys #2498). */
  "token-required",
] as const;

export type PictureBehaviour = (typeof PICTURE_BEHAVIOURS)[number];

/** An account or a group, as a picture query sees it. */
export interface PictureOwner {
  readonly picture: PictureDescription | undefined;
  readonly pictureBehaviour: PictureBehaviour;
}
