import { addPages } from "./calls/pages.ts";
import { createClients } from "./client.ts";
import type { Groups } from "./generated/calls.gen.ts";
import { Sdk } from "./generated/sdk.gen.ts";
import { addStreams } from "./lines.ts";
import { settingsOf, type WutsOptions } from "./settings.ts";

export type { WutsPromise, WutsResponse } from "./calls/call.ts";
export type { WutsLog, WutsLogEvent } from "./calls/log.ts";
export * from "./errors/families.ts";
export { isWutsError } from "./errors/is-wuts-error.ts";
export * from "./errors/wuts-error.ts";
export type * from "./generated/calls.gen.ts";
export type * from "./generated/schemas.gen.ts";
export type { CallOptions, WutsOptions } from "./settings.ts";

/**
 * The calls by group: `wuts.contacts.getProfilePicture({ number })`. Calls resolve with `data`, or throw `WutsError`.
 * A call that is answered page by page has a second method, with `All` in its name, for `for await`, which yields the items
 * of all pages. One that offers NDJSON has another one, with `Stream` at the end of its name: it sends the request when the
 * iteration starts, throws as calls do, and closes the connection when the iteration ends.
 */
export interface Wuts extends Groups {}

/**
 * Creates a client for one server and one user. Clients share no state.
 * @param options where the server is, who calls it, and how
 * @throws WutsError `INVALID_ARGUMENT` when an option is missing or cannot be used
 */
export function createWuts(options: WutsOptions = {}): Wuts {
  const { whole, lines } = createClients(settingsOf(options));
  const sdk = new Sdk({ client: whole });
  addStreams(sdk, new Sdk({ client: lines }));
  addPages(sdk);
  // The generated methods return what their client does. The generated types do not say so: `Wuts` has these types.
  return sdk as unknown as Wuts;
}
