/** Whose picture, as the contract has it. */
export type Target = { readonly jid: string } | { readonly number: string };

/** @param who what somebody typed: a JID has an `@` in it, a number never has */
export function targetOf(who: string): Target {
  return who.includes("@") ? { jid: who } : { number: who };
}
