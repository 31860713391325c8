/** The token of a tab whose user wants to stay signed in; gone when the tab is closed. Others are in memory only. */
export const storedToken = {
  get: () => sessionStorage.getItem(key) ?? undefined,
  set: (token: string) => sessionStorage.setItem(key, token),
  remove: () => sessionStorage.removeItem(key),
};

const key = "wuts.token";
