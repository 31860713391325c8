import type { Logger } from "pino";
import type { StoredAuth } from "../auth/stored-auth.ts";
import type { Close } from "./close-reasons.ts";
import { type ConnectionListener, openConnection, type WhatsAppOptions } from "./connection.ts";

/**
 * Logs in with credentials that are no longer needed, and unlinks them. Everything else that WhatsApp sends meanwhile is
 * ignored.
 * @param auth paired
 * @param confirmed as `openConnection` takes it
 * @returns whether WhatsApp confirmed that they are not linked, within `connectTimeoutMs` for the login and `timeoutMs` for the
 * rest
 */
export async function logInToUnlink(
  options: WhatsAppOptions,
  auth: StoredAuth,
  log: Logger,
  confirmed: () => Promise<void> | undefined,
): Promise<boolean> {
  const deadline = performance.now() + options.connectTimeoutMs;
  // WhatsApp may ask for a restart, as it does when a device has just been linked.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const { promise: outcome, resolve } = Promise.withResolvers<Close | "opened" | "too late">();
    const tooLate = setTimeout(resolve, Math.max(0, deadline - performance.now()), "too late");
    const listener: ConnectionListener = {
      qr: () => undefined,
      linked: () => undefined,
      passkeyRequired: () => undefined,
      codeExpired: () => undefined,
      opened: () => resolve("opened"),
      heard: () => undefined,
      closed: resolve,
    };
    const connection = openConnection({ options, auth, log, listener, confirmed });
    const ended = await outcome;
    clearTimeout(tooLate);
    const unlinked = ended === "opened" && (await connection.unlink());
    await connection.close();
    if (ended === "opened" || ended === "too late") return unlinked;
    if (ended.reason !== "restart_required") return ended.reason === "logged_out";
  }
  return false;
}
