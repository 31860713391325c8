import type { WASocket } from "../protocol/baileys.ts";

/**
 * Gives a connection up that does not come to be: one whose WebSocket does not open in time, or on which WhatsApp does not
 * begin the handshake in the same time after that.
 *
 * rc14 does the same with its `connectTimeoutMs`, but holds each frame that it ever sends to that time, too, with stacks that
 * cost more than the frame. Without one, there are none.
 * @param giveUp is called once at the most, with the reason
 * @returns ends that
 */
export function limitOpenTime(
  ws: Pick<WASocket["ws"], "once">,
  timeoutMs: number,
  giveUp: (why: Error) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => clearTimeout(timer);
  const begin = () => {
    stop();
    timer = setTimeout(giveUp, timeoutMs, new OpensTooSlowly());
  };
  ws.once("open", begin);
  // Bytes that never become a frame are no beginning.
  ws.once("frame", stop);
  begin();
  return stop;
}

/** With the code that Baileys' own timeouts give, where Baileys' errors have it. */
class OpensTooSlowly extends Error {
  readonly output = { statusCode: 408 };
}
