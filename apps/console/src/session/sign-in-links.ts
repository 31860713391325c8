import { useSyncExternalStore } from "react";

/** @returns a link that signs somebody in with a code, once */
export function signInLink(code: string): string {
  return `${location.origin}${location.pathname}${prefix}${code}`;
}

/**
 * The sign-in link that the page was opened by, or that was opened where the page is already: that changes no more of the
 * address than what is behind the `#`. Its code is taken out of the address, and nobody is signed in by that: whoever has sent
 * the link may have made it for an account of their own, so it waits here until somebody says that they want it.
 *
 * To be made before the page is drawn, which then sees no address with a code.
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

  /** @returns the code of the link that waits, the newest */
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
