import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { listen } from "../listen.ts";
import { drawPicture } from "./drawn-picture.ts";
import type { PictureDescription } from "./picture.ts";

export type PictureSize = "image" | "preview";

/** Where the bytes of a picture are, as the attributes of `<picture>` say it. */
export interface PictureAddress {
  readonly url: string;
  readonly directPath: string;
  /** SHA-256 of the bytes, base64. */
  readonly hash: string;
}

const FOLDER = "/v/t61.24694-24/";
const PATH = /^\/v\/t61\.24694-24\/([\w-]+)_(image|preview)\.jpg$/;
const DEFAULT_LIFETIME_SECONDS = 86_400;
const PIXELS: Record<PictureSize, number> = { image: 640, preview: 96 };
const CAPACITY = 1_000;

/**
 * Serves picture bytes over HTTP, in the part of WhatsApp's media CDN. An address expires at `oe` (hexadecimal
 * Unix seconds) and is signed by `oh`, as the CDN's are: 403 for an expired or altered one, 404 for a picture
 * that no answer named, 405 for anything but GET and HEAD.
 */
export class MediaServer {
  readonly #server: Server;
  readonly #pictures = new Map<string, PictureBytes>();
  readonly #secret = randomBytes(32);
  #origin = "";

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** `http://127.0.0.1:PORT` */
  get origin(): string {
    return this.#origin;
  }

  /** @param port 0 for any free one. */
  async start(port: number): Promise<void> {
    this.#origin = `http://127.0.0.1:${await listen(this.#server, port)}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** The address of a picture, valid from now on for its lifetime. Its bytes are kept for who asks for them. */
  address(picture: PictureDescription, size: PictureSize): PictureAddress {
    const lifetime = picture.urlLifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS;
    const expiry = Math.max(0, Math.floor(Date.now() / 1000) + lifetime).toString(16);
    const path = `${FOLDER}${picture.id}_${size}.jpg`;
    const directPath = `${path}?ccb=11-4&oh=${this.#sign(path, expiry)}&oe=${expiry}&_nc_sid=5e03e0&_nc_cat=100`;
    return { url: this.#origin + directPath, directPath, hash: this.#bytesOf(picture).of(size).hash };
  }

  #bytesOf(picture: PictureDescription): PictureBytes {
    const known = this.#pictures.get(picture.id);
    if (known && known.image === picture.image) return known;
    const bytes = new PictureBytes(picture);
    this.#pictures.delete(picture.id);
    this.#pictures.set(picture.id, bytes);
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= CAPACITY) break;
      this.#pictures.delete(oldest);
    }
    return bytes;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const { status, type, body, headers } = this.#look(request);
    response.writeHead(status, { "content-type": type, "content-length": body.length, ...headers });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  #look(request: IncomingMessage): MediaAnswer {
    if (request.method !== "GET" && request.method !== "HEAD")
      return refusal(405, "GET and HEAD only", { allow: "GET, HEAD" });
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const [, id = "", size = ""] = PATH.exec(url.pathname) ?? [];
    const picture = this.#pictures.get(id);
    if (!picture) return refusal(404, "Not found");
    const expiry = url.searchParams.get("oe") ?? "";
    if (!this.#isSigned(url.pathname, expiry, url.searchParams.get("oh") ?? ""))
      return refusal(403, "Bad URL hash");
    if (Number.parseInt(expiry, 16) * 1000 <= Date.now()) return refusal(403, "URL signature expired");
    return { status: 200, ...picture.of(size === "preview" ? "preview" : "image") };
  }

  #sign(path: string, expiry: string): string {
    return createHmac("sha256", this.#secret).update(`${path} ${expiry}`).digest("base64url");
  }

  #isSigned(path: string, expiry: string, signature: string): boolean {
    const given = Buffer.from(signature);
    const right = Buffer.from(this.#sign(path, expiry));
    return given.length === right.length && timingSafeEqual(given, right);
  }
}

interface MediaAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
  readonly headers?: Record<string, string>;
}

interface Variant {
  readonly body: Uint8Array;
  readonly type: string;
  readonly hash: string;
}

/** The bytes of one picture in both sizes, drawn when first asked for. A given image serves as both. */
class PictureBytes {
  readonly image: Uint8Array | undefined;
  readonly #id: string;
  readonly #variants = new Map<PictureSize, Variant>();

  constructor(picture: PictureDescription) {
    this.image = picture.image;
    this.#id = picture.id;
  }

  of(size: PictureSize): Variant {
    const known = this.#variants.get(size);
    if (known) return known;
    const body = this.image ?? drawPicture(this.#id, PIXELS[size]);
    const variant = {
      body,
      type: mediaType(body),
      hash: createHash("sha256").update(body).digest("base64"),
    };
    this.#variants.set(size, variant);
    return variant;
  }
}

function mediaType(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  if (start.startsWith("ffd8ff")) return "image/jpeg";
  if (start === "89504e47") return "image/png";
  return "application/octet-stream";
}

function refusal(status: number, text: string, headers?: Record<string, string>): MediaAnswer {
  return { status, type: "text/plain; charset=utf-8", body: Buffer.from(text), ...(headers && { headers }) };
}
