import { clientVersion } from "./generated/runtime.gen.ts";

/** What runtimes have of these; browsers lack `process`, Node 20 lacks `navigator`. */
interface Runtime {
  readonly document?: unknown;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly versions?: { readonly node?: string };
  };
}

/** @returns the environment variable, or `undefined` when it is empty, not set, not readable, or the runtime has none */
export function environmentVariable(name: string): string | undefined {
  try {
    // The whole path, so that no bundler puts the value of its own environment in here.
    return (globalThis as Runtime).process?.env?.[name] || undefined;
  } catch {
    // Deno throws where the program may not read it.
    return undefined;
  }
}

/**
 * @returns the `User-Agent` of this client, such as `wuts-client/7.0.0 Node.js/24`; `undefined` in browsers, which have their own
 * and ask the server's leave (CORS) before they send another one
 */
export function userAgent(): string | undefined {
  const { document, navigator } = globalThis as Runtime;
  const node = (globalThis as Runtime).process?.versions?.node?.split(".")[0];
  const runtime = navigator?.userAgent ?? (node === undefined ? undefined : `Node.js/${node}`);
  if (document !== undefined || runtime?.startsWith("Mozilla/")) return undefined;
  return [`wuts-client/${clientVersion}`, ...(runtime === undefined ? [] : [runtime])].join(" ");
}
