import type { WASocket } from "../protocol/baileys.ts";

/**
 * Tells those who wait on a socket for answers that it ends. When rc14 ends a socket by itself or is told to, it takes the
 * listeners of `close` away before it closes, so each question of its own would wait for its time-out, up to a minute, and keep
 * the process alive for so long.
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
