import { randomBytes } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { WhatsAppOptions } from "./connection.ts";
import { whatsAppOrigin, whatsAppUrl } from "./endpoint.ts";

/** Whether WhatsApp opens a WebSocket to this machine. Durations are in milliseconds. */
export type Reachability =
  | {
      readonly url: string;
      readonly reached: true;
      readonly tookMs: number;
      /**
       * How far this machine's clock is ahead of WhatsApp's, to about a second; `undefined` when the response has no time.
       */
      readonly clockAheadMs: number | undefined;
    }
  | { readonly url: string; readonly reached: false; readonly why: string };

/**
 * Opens a WebSocket to the address that sockets use, and closes it at once, without a login or a pairing. It does only the
 * WebSocket handshake (RFC 6455, 4.1), since WebSocket clients do not expose the headers of the response.
 */
export async function reachWhatsApp(options: WhatsAppOptions): Promise<Reachability> {
  const url = options.url ?? whatsAppUrl;
  const deadline = AbortSignal.timeout(options.connectTimeoutMs);
  const start = performance.now();
  try {
    const { statusCode, headers } = await ask(url, deadline, {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
      origin: whatsAppOrigin,
    });
    const tookMs = performance.now() - start;
    if (statusCode !== 101) return { url, reached: false, why: `it answers ${statusCode} to a WebSocket` };
    const ahead = clockAhead(headers.date, tookMs);
    // Few servers date the answer to a handshake; all date an answer to a plain request.
    const clockAheadMs = ahead ?? (await askForTime(url, deadline));
    return { url, reached: true, tookMs, clockAheadMs };
  } catch (error) {
    const why = deadline.aborted ? `no answer within ${options.connectTimeoutMs} ms` : reasonOf(error);
    return { url, reached: false, why };
  }
}

async function askForTime(url: string, deadline: AbortSignal): Promise<number | undefined> {
  const start = performance.now();
  try {
    const { headers } = await ask(url, deadline, {});
    return clockAhead(headers.date, performance.now() - start);
  } catch {
    return undefined;
  }
}

/** @returns the answer without its body; the connection is closed */
function ask(url: string, signal: AbortSignal, headers: Record<string, string>): Promise<IncomingMessage> {
  const target = new URL(url);
  const secure = target.protocol === "wss:";
  target.protocol = secure ? "https:" : "http:";
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(target, { headers, signal, agent: false });
    request.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve(answer);
    });
    request.on("response", (answer) => {
      answer.destroy();
      resolve(answer);
    });
    request.on("error", reject);
    request.end();
  });
}

/** @param date of an answer that came just now, in whole seconds; it was written about half the way back in time */
function clockAhead(date: string | undefined, tookMs: number): number | undefined {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? undefined : Date.now() - tookMs / 2 - (time + 500);
}

/** The error of a host with several addresses has no message, only a code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}
