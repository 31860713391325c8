/** Whose picture, as the contract has it. */
export type TargetParameters = { readonly jid: string } | { readonly number: string };

/** @param who what somebody typed: a JID has an `@` in it, a number never has */
export function targetParameters(who: string): TargetParameters {
  return who.includes("@") ? { jid: who } : { number: who };
}
