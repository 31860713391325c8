import type { WutsPromise } from "./calls/call.ts";
import { createClients } from "./client.ts";
import type { Lines } from "./generated/answers.gen.ts";
import { Sdk } from "./generated/sdk.gen.ts";
import { addStreams } from "./lines.ts";
import { type CallOptions, settingsOf, type WutsOptions } from "./settings.ts";
import type { Unwrapped } from "./unwrapped.ts";

export type { WutsPromise, WutsResponse } from "./calls/call.ts";
export type { WutsLog, WutsLogEvent } from "./calls/log.ts";
export { type ClientErrorCode, type ErrorCode, WutsError, type WutsErrorFields } from "./error.ts";
export type * from "./generated/types.gen.ts";
export type { CallOptions, WutsOptions } from "./settings.ts";

/**
 * The operations by tag: `wuts.contacts.getProfilePicture({ number })`. Calls resolve with `data`, or throw `WutsError`.
 * An operation that offers NDJSON has a second method, with `Stream` at the end of its name, for `for await`. It sends the
 * request when the iteration starts, throws as calls do, and closes the connection when the iteration ends.
 */
export type Wuts = { readonly [Tag in keyof Sdk]: Methods<Sdk[Tag]> & Streams<Tag, Sdk[Tag]> };

/**
 * Creates a client for one server and one user. Clients share no state.
 * @throws WutsError `INVALID_ARGUMENT` when an option is missing or cannot be used
 */
export function createWuts(options: WutsOptions = {}): Wuts {
  const { whole, lines } = createClients(settingsOf(options));
  const sdk = new Sdk({ client: whole });
  addStreams(sdk, new Sdk({ client: lines }));
  // The generated methods return what their client does. The generated types do not say so: `Wuts` has these types.
  return sdk as unknown as Wuts;
}

type Methods<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...args: infer Args) => Promise<infer Body>
    ? (...args: Arguments<Args>) => WutsPromise<Unwrapped<Exclude<Body, undefined>>>
    : never;
};

type Streams<Tag, Service> = Tag extends keyof Lines
  ? {
      readonly [Name in keyof Lines[Tag] & keyof Service & string as `${Name}Stream`]: Service[Name] extends (
        ...args: infer Args
      ) => unknown
        ? (
            ...args: Arguments<Args>
          ) => AsyncGenerator<Unwrapped<Extract<Lines[Tag][Name], { success: true }>>>
        : never;
    }
  : unknown;

/** Replaces the generated options with `CallOptions`, since those could turn off what `createWuts` sets up. */
type Arguments<Args extends unknown[]> = {
  [Index in keyof Args]: "throwOnError" extends keyof NonNullable<Args[Index]> ? CallOptions : Args[Index];
};
