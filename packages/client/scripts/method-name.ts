/**
 * What a user types after the tag: the operationId without its tag's noun, so that `getContactProfilePicture` of
 * `contacts` is `wuts.contacts.getProfilePicture`, and `listDevices` of `devices` is `wuts.devices.list`.
 */
export function methodName(tag: string, operationId: string): string {
  const noun = tag.charAt(0).toUpperCase() + tag.slice(1).replace(/s$/, "");
  return operationId.replace(new RegExp(`${noun}s?(?=[A-Z]|$)`), "");
}

/** The method that yields the items of all pages: `listAll` for `list`, and `listAllEntries` for `listEntries`. */
export function allMethodName(method: string): string {
  return method.replace(/^[a-z]+/, (verb) => `${verb}All`);
}

/** The method that yields each result when it arrives. */
export function streamMethodName(method: string): string {
  return `${method}Stream`;
}
