import { type BinaryNode, getBinaryNodeChild, proto } from "../../../whatsapp/protocol/baileys.ts";
import { truncate } from "../../../whatsapp/protocol/node-text.ts";

/**
 * Reads the name in `<verified_name>`: a certificate, a protobuf inside a protobuf (whatsmeow's parseVerifiedName,
 * Baileys rc14 Utils/decode-wa-message.js). This server has no keys to check its signature; it is as good as WhatsApp's
 * word.
 * @param business the content of `<business>` in a usync reply or a message
 * @returns `null` for a missing or unreadable name
 */
export function readVerifiedName(business: BinaryNode | undefined): string | null {
  const content = getBinaryNodeChild(business, "verified_name")?.content;
  if (!(content instanceof Uint8Array) || content.length > longestCertificate) return null;
  try {
    const { details } = proto.VerifiedNameCertificate.decode(content);
    const { verifiedName } = proto.VerifiedNameCertificate.Details.decode(details ?? new Uint8Array());
    return truncate(verifiedName ?? "", longestName);
  } catch {
    return null;
  }
}

/** Bytes; with names in all languages they are below 2,000. */
const longestCertificate = 16_384;

const longestName = 256;
