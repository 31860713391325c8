/**
 * Normalizes a text for comparison without case and diacritics: "joao" is then in "João". The database's own `lower` may
 * know ASCII only.
 */
export function searchable(text: string): string {
  const plain = text.normalize("NFKD").replace(/\p{M}+/gu, "");
  return (plain === "" ? text : plain).toLowerCase().replace(/\s+/g, " ");
}

/** @returns the digits of a text that may be part of a phone number, `undefined` for any other text */
export function searchedDigits(text: string): string | undefined {
  const digits = text.replace(/[\s+.()-]/g, "");
  return /^\d+$/.test(digits) ? digits : undefined;
}
