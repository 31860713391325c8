/** The parameters of the contract that name whose picture is requested. */
export type TargetParameters = { readonly jid: string } | { readonly number: string };

/** @param text a JID, which contains an `@`, or a phone number, which does not */
export function targetParameters(text: string): TargetParameters {
  return text.includes("@") ? { jid: text } : { number: text };
}
