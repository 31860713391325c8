import { NOISE_WA_HEADER } from "@whiskeysockets/baileys";
import { ClientNotSupported } from "../protocol-error.ts";

/** `WA`, the version of the protocol and that of the dictionary of its binary stanzas. */
export const PROLOGUE_BYTES = 4;
const MAGIC = Buffer.from("WA");
const [, , PROTOCOL_VERSION = 0, DICTIONARY_VERSION = 0] = NOISE_WA_HEADER;

/** Whether first bytes, perhaps not all of them yet, can be those of some version of WhatsApp. */
export function canBePrologue(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, MAGIC.length);
  return bytes.subarray(0, length).equals(MAGIC.subarray(0, length));
}

/**
 * @returns an error that says what is wrong with the version that a client begins with; undefined when it is the
 * simulator's own. The dictionary of version 2 has other words at other places, so that no stanza could be read.
 */
export function unsupportedVersion(prologue: Buffer): ClientNotSupported | undefined {
  const [, , protocol = 0, dictionary = 0] = prologue;
  if (protocol === PROTOCOL_VERSION && dictionary === DICTIONARY_VERSION) return undefined;
  return new ClientNotSupported(
    `this simulator speaks WhatsApp ${PROTOCOL_VERSION} with dictionary ${DICTIONARY_VERSION}, ` +
      `the client WhatsApp ${protocol} with dictionary ${dictionary}: take a newer client`,
  );
}
