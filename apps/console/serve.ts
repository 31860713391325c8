import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import sirv from "sirv";

export interface ConsoleOptions {
  /** The URL of a simulated phone, which the page links to when a device is to be linked. */
  readonly phoneUrl?: string | undefined;
  /** The folder of the built page; the output of `npm run build` by default. */
  readonly folder?: string | undefined;
}

/** Answers a request, or calls `next`. */
export type ServeConsole = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/**
 * Serves the built page at `/console/`. The page loads its files by relative URLs, so it works behind a path of a proxy.
 * @returns `undefined` when the page is not built
 */
export function serveConsole({
  phoneUrl = "",
  folder = usualFolder,
}: ConsoleOptions = {}): ServeConsole | undefined {
  const page = builtPage(folder);
  if (page === undefined) return undefined;
  // A function, since `$` has a meaning in a replacement string.
  const index = page.replace(
    'name="wuts-phone" content=""',
    () => `name="wuts-phone" content="${escaped(phoneUrl)}"`,
  );
  const files = sirv(folder, {
    etag: true,
    extensions: [],
    setHeaders(response, path) {
      protect(response);
      // The names of built files contain a hash of their content.
      const isImmutable = path.startsWith("/assets/");
      response.setHeader("Cache-Control", isImmutable ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  return (request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") return next();
    const whole = request.url ?? "";
    const [path = ""] = whole.split("?");
    if (path === "/console") return void response.writeHead(308, { Location: "console/" }).end();
    if (!path.startsWith(prefix)) return next();
    if (path !== prefix && path !== `${prefix}index.html`) {
      request.url = path.slice(prefix.length - 1);
      return files(request, response, () => {
        request.url = whole;
        next();
      });
    }
    protect(response);
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(request.method === "HEAD" ? undefined : index);
  };
}

const prefix = "/console/";

const usualFolder = fileURLToPath(new URL("dist", import.meta.url));

function builtPage(folder: string): string | undefined {
  try {
    return readFileSync(`${folder}/index.html`, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function protect(response: ServerResponse): void {
  response.setHeader("Content-Security-Policy", contentSecurityPolicy);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
}

/** The page sends requests to its own server only. Pictures are blobs, and QR codes are data URIs in a response. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
