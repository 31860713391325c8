import type { WASocket } from "../protocol/baileys.ts";

/**
 * Notifies pending queries when the socket ends. When rc14 ends a socket, by itself or on request, it removes the listeners of
 * `close` before it closes: each of its own queries would wait for its timeout, up to a minute, and keep the process alive for
 * so long.
 */
export function notifyEnd(ws: WASocket["ws"]): void {
  const removeAll = ws.removeAllListeners.bind(ws);
  ws.removeAllListeners = (event) => {
    const waiting = event === "close" ? ws.listeners(event) : [];
    removeAll(event);
    for (const tell of waiting) tell();
    return ws;
  };
}
