import { Failure } from "../../kernel/failures.ts";
import { isLoopbackHostname } from "../../kernel/loopback.ts";

export interface DownloadOptions {
  /** WhatsApp's address; `undefined` is its own endpoint. Pictures may come from loopback only if this address is loopback. */
  readonly whatsappUrl: string | undefined;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Aborts the download. */
  readonly signal: AbortSignal;
}

/**
 * Downloads a picture from WhatsApp's URL, and yields the bytes as they arrive. Does not follow redirects.
 * @throws Failure WhatsAppError for a file that is no JPEG, too large, missing or not WhatsApp's; WhatsAppTimeout,
 * WhatsAppRateLimited
 */
export async function* downloadPicture(
  address: string,
  options: DownloadOptions,
): AsyncGenerator<Uint8Array> {
  const { whatsappUrl, maxBytes, timeoutMs, signal } = options;
  if (!isPictureAddress(address, whatsappUrl))
    throw notUnderstood("a picture on a host that is not WhatsApp's");
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(address, {
      redirect: "manual",
      signal: AbortSignal.any([deadline, signal]),
      headers: { Accept: "image/jpeg", "Accept-Encoding": "identity" },
    });
    const problem = problemOf(response, maxBytes);
    if (problem || !response.body) {
      await response.body?.cancel();
      throw problem ?? notUnderstood("a picture without bytes");
    }
    let bytes = 0;
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge();
      yield chunk;
    }
    if (bytes === 0) throw notUnderstood("a picture without bytes");
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (deadline.aborted) throw new Failure("WhatsAppTimeout");
    throw notUnderstood(error);
  }
}

/**
 * Whether bytes may be fetched from an address: from WhatsApp's CDN (pps.whatsapp.net, media-….cdn.whatsapp.net,
 * ….fbcdn.net) by HTTPS; with a simulator in WhatsApp's place, from this machine only.
 */
export function isPictureAddress(address: string, whatsappUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, port, username, password } = new URL(address);
  if (username !== "" || password !== "") return false;
  if (whatsappUrl !== undefined)
    return (protocol === "http:" || protocol === "https:") && isLoopbackHostname(hostname);
  return protocol === "https:" && port === "" && /\.(?:whatsapp|fbcdn)\.net$/.test(hostname);
}

function problemOf({ status, headers }: Response, maxBytes: number): Failure | undefined {
  if (status === 429) return new Failure("WhatsAppRateLimited");
  if (status !== 200) return notUnderstood(`the CDN answers ${status}`);
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "image/jpeg") return notUnderstood("a picture that is no JPEG");
  return Number(headers.get("content-length") ?? 0) > maxBytes ? tooLarge() : undefined;
}

function tooLarge(): Failure {
  return notUnderstood("a picture that is larger than WUTS_PICTURE_MAX_BYTES");
}

function notUnderstood(cause: unknown): Failure {
  return new Failure("WhatsAppError", { cause });
}
