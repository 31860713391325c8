import { createWuts, type SignedIn } from "@wuts/client";
import { baseUrl } from "./server.ts";

/** @returns a link that signs somebody in with a code, once */
export function signInLink(code: string): string {
  return `${location.origin}${location.pathname}${prefix}${code}`;
}

/**
 * Signs in with the link that this page was opened by, if it was one. The code is gone from the address then.
 * @returns rejects with a WutsError
 */
export function signInByLink(): Promise<SignedIn> | undefined {
  if (!location.hash.startsWith(prefix)) return undefined;
  const code = location.hash.slice(prefix.length);
  history.replaceState(null, "", "#/");
  return createWuts({ baseUrl, token: "" }).tokens.signIn({ code });
}

/** A link that is opened where the page is already changes no more of the address than what is behind the `#`. */
export function openLinksAnew(): void {
  addEventListener("hashchange", () => {
    if (location.hash.startsWith(prefix)) location.reload();
  });
}

const prefix = "#/sign-in/";
