import { userAgent } from "../environment.ts";
import { invalidArgument } from "../error.ts";
import { WutsError } from "../errors/wuts-error.ts";
import type { RequestOptions } from "../generated/client/index.gen.ts";
import { buildUrl, createConfig, mergeHeaders } from "../generated/client/utils.gen.ts";
import { jsonBodySerializer } from "../generated/core/bodySerializer.gen.ts";
import { takeIdempotencyKeys } from "../generated/runtime.gen.ts";
import type { Settings } from "../settings.ts";

/** What the generated methods hand over. */
export type GeneratedRequest = Pick<
  RequestOptions,
  "url" | "path" | "query" | "headers" | "body" | "security"
>;

/** A request that can be sent any number of times. */
export interface PreparedRequest {
  readonly method: string;
  /** The path as the contract has it, such as `/devices/{device_id}`. */
  readonly path: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  /** Whether it carries an `Idempotency-Key`, and its operation takes one. */
  readonly hasKey: boolean;
}

const { querySerializer } = createConfig();

/** @throws WutsError `INVALID_ARGUMENT` when the request cannot be sent as it is meant */
export function prepareRequest(
  { baseUrl, token }: Settings,
  method: string,
  { url: path, ...options }: GeneratedRequest,
): PreparedRequest {
  assertPathParameters(path, options.path);
  try {
    const headers = mergeHeaders(options.headers);
    if (options.body === undefined) headers.delete("Content-Type");
    if (token !== null && options.security && !headers.has("Authorization"))
      headers.set("Authorization", `Bearer ${token}`);
    const agent = userAgent();
    if (agent !== undefined && !headers.has("User-Agent")) headers.set("User-Agent", agent);
    const hasKey = takeIdempotencyKeys.has(`${method} ${path}`);
    if (hasKey && !headers.has("Idempotency-Key")) headers.set("Idempotency-Key", randomKey());
    return {
      method,
      path,
      url: buildUrl({ ...options, url: path, baseUrl, querySerializer }),
      headers,
      body: options.body === undefined ? undefined : jsonBodySerializer.bodySerializer(options.body),
      hasKey,
    };
  } catch (error) {
    if (error instanceof WutsError || !(error instanceof Error)) throw error;
    throw invalidArgument(`the request cannot be sent: ${error.message}`, error);
  }
}

/** Others would lead to the path of another operation: an empty one to the list, `..` to what is above it. */
function assertPathParameters(path: string, values: Readonly<Record<string, unknown>> = {}): void {
  for (const [, name = ""] of path.matchAll(/\{([^{}]+)\}/g)) {
    const value = values[name];
    if (value === undefined || value === null) throw invalidArgument(`${name} is missing`);
    if (typeof value !== "string" && typeof value !== "number")
      throw invalidArgument(`${name} must be a string, and is of type ${typeof value}`);
    if (["", ".", ".."].includes(`${value}`))
      throw invalidArgument(`${name} must not be ${value === "" ? "empty" : JSON.stringify(value)}`);
  }
}

/** 128 random bits. `crypto.randomUUID` is missing on pages that do not come by HTTPS. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
