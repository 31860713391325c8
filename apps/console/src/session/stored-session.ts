/** What a tab asks the server with. */
export interface StoredSession {
  readonly token: string;
  /** Whether a sign-in link has made the token: then nobody else has it, and it is revoked when its user signs out. */
  readonly isOfLink: boolean;
}

/** The session of this tab. It outlives a reload and ends with the tab; other tabs do not have it. */
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
