import { useSyncExternalStore } from "react";

/** @returns a link that signs a user in once, with this code */
export function signInLink(code: string): string {
  return `${location.origin}${location.pathname}${prefix}${code}`;
}

/**
 * Holds the code of a sign-in link until the user confirms it. The page may have been opened by the link, or the link may have
 * changed the fragment of the open page. The code is removed from the address. The user has to confirm it first, since
 * an attacker can send a link to an account of their own.
 *
 * Create it before the first render, so that no component sees an address with a code.
 */
export class SignInLinks {
  #code: string | undefined;
  readonly #listeners = new Set<() => void>();

  constructor() {
    this.#code = codeTakenFromAddress("#/");
    addEventListener("hashchange", ({ oldURL }) => {
      const code = codeTakenFromAddress(new URL(oldURL).hash || "#/");
      if (code !== undefined) this.#set(code);
    });
  }

  /** @returns the code of the newest link that is not confirmed */
  useCode(): string | undefined {
    return useSyncExternalStore(this.#subscribe, () => this.#code);
  }

  forget(): void {
    this.#set(undefined);
  }

  readonly #subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(code: string | undefined): void {
    this.#code = code;
    for (const listener of this.#listeners) listener();
  }
}

function codeTakenFromAddress(otherwise: string): string | undefined {
  if (!location.hash.startsWith(prefix)) return undefined;
  const code = location.hash.slice(prefix.length);
  history.replaceState(null, "", otherwise);
  return code;
}

const prefix = "#/sign-in/";
