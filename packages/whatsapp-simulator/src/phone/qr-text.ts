/** What the QR code on a client's screen says. Keys are public keys of 32 bytes. */
export interface QrText {
  /** The server's name for this offer. */
  readonly ref: string;
  readonly noiseKey: Buffer;
  readonly identityKey: Buffer;
  /** Shared with the phone over the QR code alone: it authenticates pair-success to the client. */
  readonly advSecret: Buffer;
  /** The browser that the client claims to be; older clients do not send it. */
  readonly platformId: string | undefined;
}

/** The phone cannot or will not link what it scanned. */
export class QrCodeRejected extends Error {
  override readonly name = "QrCodeRejected";
}

/**
 * Reads `https://wa.me/settings/linked_devices#REF,noise,identity,advSecret,platform` (rc14
 * Utils/companion-reg-client-utils.ts buildPairingQRData), or the bare commas that older clients show.
 * @throws QrCodeRejected when it is neither.
 */
export function parseQrText(text: string): QrText {
  const [ref, noise, identity, adv, platformId, ...rest] = text.slice(text.indexOf("#") + 1).split(",");
  const noiseKey = key(noise);
  const identityKey = key(identity);
  const advSecret = key(adv);
  if (!ref || !noiseKey || !identityKey || !advSecret || rest.length > 0)
    throw new QrCodeRejected("this is not a QR code of WhatsApp's");
  return { ref, noiseKey, identityKey, advSecret, platformId: platformId || undefined };
}

function key(base64: string | undefined): Buffer | undefined {
  if (!base64 || !/^[A-Za-z0-9+/]{43}=$/.test(base64)) return undefined;
  return Buffer.from(base64, "base64");
}
