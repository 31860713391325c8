import { z } from "zod";
import { isLoopbackHostname } from "../../kernel/loopback.ts";
import { contradiction } from "../contradiction.ts";
import { wholeNumber } from "../whole-number.ts";

/** How devices connect and reconnect to WhatsApp. */
export const whatsappConnection = z
  .object({
    WUTS_WHATSAPP_URL: z
      .string()
      .refine(
        isLoopbackWebSocket,
        "must be a ws:// or wss:// URL whose host is loopback (127.0.0.1, ::1, localhost)",
      )
      .optional()
      .describe("WebSocket endpoint instead of WhatsApp's own. Only a loopback host is taken."),
    WUTS_WHATSAPP_VERSION: z
      .string()
      .regex(/^\d{1,9}\.\d{1,9}\.\d{1,10}$/, "must be three numbers with dots, such as 2.3000.1043857760")
      .optional()
      .describe(
        "WhatsApp Web version to speak, such as `2.3000.1043857760`. Default: the one Baileys was made for.",
      ),
    WUTS_WHATSAPP_TIMEOUT_MS: wholeNumber(100, 120_000)
      .default(8_000)
      .describe("How long WhatsApp may take to answer a request, in milliseconds."),
    WUTS_CONNECT_TIMEOUT_MS: wholeNumber(100, 120_000)
      .default(20_000)
      .describe(
        "How long opening a connection to WhatsApp may take, up to the QR code or the login, in milliseconds.",
      ),
    WUTS_PROBE_INTERVAL_MS: wholeNumber(10, 3_600_000)
      .default(30_000)
      .describe(
        "After how long without anything from WhatsApp a connection is asked for a sign of life, in milliseconds.",
      ),
    WUTS_PROBE_TIMEOUT_MS: wholeNumber(10, 600_000)
      .default(10_000)
      .describe(
        "How long the sign of life may take to come, in milliseconds; without one, the device reconnects.",
      ),
    WUTS_RECONNECT_MIN_MS: wholeNumber(1, 60_000)
      .default(1_000)
      .describe("First delay before a lost connection is opened again, in milliseconds."),
    WUTS_RECONNECT_MAX_MS: wholeNumber(1, 3_600_000)
      .default(60_000)
      .describe("Longest delay before a lost connection is opened again, in milliseconds."),
    WUTS_RECONNECT_WAIT_MS: wholeNumber(0, 60_000)
      .default(5_000)
      .describe(
        "How long a request waits for a device that is connecting or reconnecting before the answer is 503 `DEVICE_NOT_READY`, in milliseconds. `0`: not at all.",
      ),
    WUTS_RESTORE_CONCURRENCY: wholeNumber(1, 1_000)
      .default(8)
      .describe("How many paired devices log in at once after a start."),
    WUTS_LEASE_MS: wholeNumber(1_000, 3_600_000)
      .default(30_000)
      .describe(
        "After how long without a sign of life of its server a device may go over to another server on the same database, in milliseconds. A server that cannot reach the database for that long ends its connections before.",
      ),
  })
  .transform((values, context) => {
    const reconnect = { minMs: values.WUTS_RECONNECT_MIN_MS, maxMs: values.WUTS_RECONNECT_MAX_MS } as const;
    if (reconnect.maxMs < reconnect.minMs)
      return contradiction(context, "WUTS_RECONNECT_MAX_MS", "must not be less than WUTS_RECONNECT_MIN_MS");
    return {
      whatsapp: {
        /** `undefined` is WhatsApp's own endpoint. */
        url: values.WUTS_WHATSAPP_URL,
        version: versionFrom(values.WUTS_WHATSAPP_VERSION),
        timeoutMs: values.WUTS_WHATSAPP_TIMEOUT_MS,
        connectTimeoutMs: values.WUTS_CONNECT_TIMEOUT_MS,
        /** After how long a silent connection is asked for a sign of life, and how long that may take to come. */
        probe: { intervalMs: values.WUTS_PROBE_INTERVAL_MS, timeoutMs: values.WUTS_PROBE_TIMEOUT_MS },
      },
      reconnect,
      /** 0 is not at all. */
      reconnectWaitMs: values.WUTS_RECONNECT_WAIT_MS,
      restoreConcurrency: values.WUTS_RESTORE_CONCURRENCY,
      /** For how long a device is this server's without hearing of it; never two servers' at once. */
      leaseMs: values.WUTS_LEASE_MS,
    } as const;
  });

function isLoopbackWebSocket(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  // TLS is the only proof of WhatsApp's identity that Baileys checks, so no other host may stand in for it.
  return (protocol === "ws:" || protocol === "wss:") && isLoopbackHostname(hostname);
}

function versionFrom(text: string | undefined): readonly [number, number, number] | undefined {
  if (text === undefined) return undefined;
  const [major = 0, minor = 0, build = 0] = text.split(".").map(Number);
  return [major, minor, build];
}
