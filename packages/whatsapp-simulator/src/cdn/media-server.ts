import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { PictureDescription } from "../model/picture.ts";
import { listen } from "../wire/listen.ts";
import { BlobStore } from "./blob-store.ts";
import { type CdnFault, CdnFaultRules } from "./cdn-faults.ts";
import { type CdnRequest, CdnRequests } from "./cdn-requests.ts";
import type { Clock } from "./clock.ts";
import { type CdnAnswer, type CdnFile, fileResponse, refusal } from "./file-response.ts";
import { type PictureSize, PictureStore } from "./picture-store.ts";
import { sendResponse } from "./send-response.ts";

/** Where the bytes of a picture are, as the attributes of `<picture>` say it. */
export interface PictureAddress {
  readonly url: string;
  readonly directPath: string;
  /** SHA-256 of the bytes, base64. */
  readonly hash: string;
}

const PICTURES = "/v/t61.24694-24/";
const BLOBS = "/v/t62.7118-24/";
const PICTURE_PATH = /^\/v\/t61\.24694-24\/([\w-]+)_(image|preview)\.jpg$/;
const BLOB_PATH = /^\/v\/t62\.7118-24\/([\w-]+)\.enc$/;

/**
 * WhatsApp's media CDN: serves pictures and encrypted blobs over HTTP, by paths that other answers name. An address
 * expires at `oe` (hexadecimal Unix seconds) and is signed by `oh`, as the CDN's are: 403 for an expired or altered
 * one, 404 for what no answer named or was removed, 405 for anything but GET and HEAD. It answers conditional
 * requests and single ranges.
 */
export class MediaServer {
  readonly requests = new CdnRequests();
  readonly faults = new CdnFaultRules();
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #lifetimeSeconds: number;
  readonly #pictures: PictureStore;
  readonly #blobs: BlobStore;
  readonly #secret = randomBytes(32);
  readonly #timers = new Set<NodeJS.Timeout>();
  #origin = "";

  /** @param lifetimeSeconds of an address whose picture has no lifetime of its own. */
  constructor(clock: Clock, lifetimeSeconds: number) {
    this.#clock = clock;
    this.#lifetimeSeconds = lifetimeSeconds;
    this.#pictures = new PictureStore(clock);
    this.#blobs = new BlobStore(clock);
    this.#server = createServer((request, response) => this.#receive(request, response));
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
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** The address of a picture, valid from now on for its lifetime. Its bytes are kept for later requests. */
  address(picture: PictureDescription, size: PictureSize): PictureAddress {
    const { hash } = this.#pictures.put(picture).of(size);
    const lifetime = picture.urlLifetimeSeconds ?? this.#lifetimeSeconds;
    const directPath = this.#signed(
      `${PICTURES}${picture.id}_${size}.jpg`,
      lifetime,
      "_nc_sid=5e03e0&_nc_cat=100",
    );
    return { url: this.#origin + directPath, directPath, hash };
  }

  /** Keeps the bytes of an encrypted file. @returns its direct path, signed. */
  keep(bytes: Uint8Array): string {
    return this.#signed(
      `${BLOBS}${this.#blobs.put(bytes)}.enc`,
      this.#lifetimeSeconds,
      "_nc_sid=5e03e0&mms3=true",
    );
  }

  /** Forgets a picture: its addresses answer 404, until an answer names it again. */
  remove(pictureId: string): void {
    this.#pictures.remove(pictureId);
  }

  #signed(path: string, lifetimeSeconds: number, rest: string): string {
    const expiry = Math.max(0, this.#clock.seconds() + lifetimeSeconds).toString(16);
    return `${path}?ccb=11-4&oh=${this.#sign(path, expiry)}&oe=${expiry}&${rest}`;
  }

  #receive(incoming: IncomingMessage, response: ServerResponse): void {
    incoming.resume();
    // A client that goes away in the middle is no concern of the CDN's.
    response.on("error", () => {});
    const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
    const request = describe(incoming, url);
    const fault = this.faults.of(request);
    const answer = () => {
      const answered = this.#answer(request, url, fault);
      this.requests.add({ ...request, status: answered.status });
      sendResponse(response, request, answered, fault);
    };
    if (fault.delay) this.#later(fault.delay, answer);
    else answer();
  }

  #later(milliseconds: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #answer(request: CdnRequest, url: URL, fault: CdnFault): CdnAnswer {
    if (fault.location !== undefined) return refusal(302, "Found", { location: fault.location });
    if (fault.status !== undefined) return refusal(fault.status, "Refused");
    if (request.method !== "GET" && request.method !== "HEAD")
      return refusal(405, "GET and HEAD only", { allow: "GET, HEAD" });
    const file = this.#find(request);
    if (!file) return refusal(404, "Not found");
    const expiry = url.searchParams.get("oe") ?? "";
    if (!this.#isSigned(url.pathname, expiry, url.searchParams.get("oh") ?? ""))
      return refusal(403, "Bad URL hash");
    if (Number.parseInt(expiry, 16) <= this.#clock.seconds()) return refusal(403, "URL signature expired");
    return fileResponse(request, file);
  }

  #find({ kind, id }: CdnRequest): CdnFile | undefined {
    if (kind === "blob") return this.#blobs.get(id);
    return kind === "other" ? undefined : this.#pictures.get(id)?.of(kind);
  }

  #sign(path: string, expiry: string): string {
    return createHmac("sha256", this.#secret).update(`${path} ${expiry}`).digest("base64url");
  }

  #isSigned(path: string, expiry: string, signature: string): boolean {
    const given = createHash("sha256").update(signature).digest();
    const right = createHash("sha256").update(this.#sign(path, expiry)).digest();
    return timingSafeEqual(given, right);
  }
}

function describe({ method = "GET", headers }: IncomingMessage, { pathname: path }: URL): CdnRequest {
  const [, picture, size] = PICTURE_PATH.exec(path) ?? [];
  if (picture !== undefined)
    return { method, path, headers, id: picture, kind: size === "preview" ? "preview" : "image" };
  const [, blob] = BLOB_PATH.exec(path) ?? [];
  return blob === undefined
    ? { method, path, headers, id: "", kind: "other" }
    : { method, path, headers, id: blob, kind: "blob" };
}
