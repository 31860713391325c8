import type { OperationDescription } from "@wuts/contract";

/** Limits in bytes. */
export interface BodyLimits {
  /** The limit of a body, without the picture that some contain. */
  readonly bodyLimitBytes: number;
  /** The limit of a picture file. */
  readonly pictureLimitBytes: number;
}

/** @returns the size of the largest body that an operation takes, in bytes: a picture in it is in base64 */
export function bodyLimitOf(
  { bodyLimitBytes, pictureLimitBytes }: BodyLimits,
  { hasPicture, role }: Pick<OperationDescription, "hasPicture" | "role">,
): number {
  // The client is not authenticated.
  if (role === "public") return Math.min(bodyLimitBytes, publicBodyBytes);
  return bodyLimitBytes + (hasPicture ? 4 * Math.ceil(pictureLimitBytes / 3) : 0);
}

/** Takes no more memory than a connection and its headers do. */
const publicBodyBytes = 4_096;
