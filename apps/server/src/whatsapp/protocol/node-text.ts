import type { BinaryNode } from "./baileys.ts";

/**
 * Reads the text of an element. Baileys hands short texts of known words as strings, others as bytes.
 * @param maxLength how many characters are kept at the most
 * @returns `null` for an element that is missing, empty or blank, or has elements inside
 */
export function textOf(node: BinaryNode | undefined, maxLength: number): string | null {
  const content = node?.content;
  const text = content instanceof Uint8Array ? Buffer.from(content).toString("utf8") : content;
  return typeof text === "string" ? truncate(text, maxLength) : null;
}

/** @returns the text without blanks around it, cut between characters; `null` when nothing is left */
export function truncate(text: string, maxLength: number): string | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  // A character takes up to two code units: no need to look at the rest of an endless text.
  return [...trimmed.slice(0, maxLength * 2)].slice(0, maxLength).join("").toWellFormed();
}
