import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
} from "@whiskeysockets/baileys";
import { ProtocolError } from "./protocol-error.ts";

/** WhatsApp's own address, as Baileys writes it in `to` and expects it in `from`. */
export const SERVER_JID = "@s.whatsapp.net";

/** A binary node, the unit of WhatsApp's stanzas, without the optional-property noise. */
export function element(
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode[] | Uint8Array | string,
): BinaryNode {
  return content === undefined ? { tag, attrs } : { tag, attrs, content };
}

/** @throws ProtocolError when the child is missing. */
export function requireChild(parent: BinaryNode, tag: string): BinaryNode {
  const child = getBinaryNodeChild(parent, tag);
  if (!child) throw new ProtocolError(`<${parent.tag}> without <${tag}>`);
  return child;
}

/**
 * The bytes inside a child. Baileys writes short strings as tokens, so a string counts as its UTF-8 bytes.
 * @throws ProtocolError when the child is missing or holds no bytes.
 */
export function requireBytes(parent: BinaryNode, tag: string): Buffer {
  const content = requireChild(parent, tag).content;
  if (typeof content === "string") return Buffer.from(content);
  if (content instanceof Uint8Array) return Buffer.from(content);
  throw new ProtocolError(`<${tag}> in <${parent.tag}> holds no bytes`);
}

/** @throws ProtocolError when the attribute is missing. */
export function requireAttribute(stanza: BinaryNode, name: string): string {
  const value = stanza.attrs[name];
  if (!value) throw new ProtocolError(`<${stanza.tag}> without ${name}`);
  return value;
}

/** A big-endian number of 1 to 4 bytes inside a child, as pre-key and registration ids are sent. */
export function requireNumber(parent: BinaryNode, tag: string): number {
  const bytes = getBinaryNodeChildBuffer(parent, tag);
  if (!bytes || bytes.length === 0 || bytes.length > 4)
    throw new ProtocolError(`<${parent.tag}> without a number in <${tag}>`);
  return Buffer.from(bytes).readUIntBE(0, bytes.length);
}

export function firstChild(stanza: BinaryNode): BinaryNode | undefined {
  return getAllBinaryNodeChildren(stanza)[0];
}

/** Unix time in seconds, as every `t` attribute carries it. */
export function unixSeconds(): string {
  return Math.floor(Date.now() / 1000).toString();
}
