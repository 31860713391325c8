/** The credentials of a tab. */
export interface StoredSession {
  readonly token: string;
  /** Whether a sign-in link created the token. Such a token is used here only, and is revoked at sign-out. */
  readonly isOfLink: boolean;
}

/** The session of this tab, in `sessionStorage`: it survives a reload and ends with the tab. */
export const storedSession = {
  get(): StoredSession | undefined {
    const token = sessionStorage.getItem(tokenKey);
    return token === null ? undefined : { token, isOfLink: sessionStorage.getItem(isOfLinkKey) !== null };
  },
  set({ token, isOfLink }: StoredSession): void {
    sessionStorage.setItem(tokenKey, token);
    if (isOfLink) sessionStorage.setItem(isOfLinkKey, "true");
    else sessionStorage.removeItem(isOfLinkKey);
  },
  remove(): void {
    sessionStorage.removeItem(tokenKey);
    sessionStorage.removeItem(isOfLinkKey);
  },
};

const tokenKey = "wuts.token";
const isOfLinkKey = "wuts.token-is-of-link";
