import type { OperationDescription } from "@wuts/contract";

/** In bytes. */
export interface BodyLimits {
  /** Of a body, without the picture that is in some. */
  readonly bodyLimitBytes: number;
  /** Of the file of a picture. */
  readonly pictureLimitBytes: number;
}

/** @returns the size of the largest body that an operation takes, in bytes: a picture in it is in base64 */
export function bodyLimitOf(
  { bodyLimitBytes, pictureLimitBytes }: BodyLimits,
  { hasPicture, role }: Pick<OperationDescription, "hasPicture" | "role">,
): number {
  // The client is unknown.
  if (role === "public") return Math.min(bodyLimitBytes, publicBodyBytes);
  return bodyLimitBytes + (hasPicture ? 4 * Math.ceil(pictureLimitBytes / 3) : 0);
}

/** As much as takes no more to hold than a connection and its headers do. */
const publicBodyBytes = 4_096;
