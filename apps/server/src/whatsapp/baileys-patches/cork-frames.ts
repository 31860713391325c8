import type { Duplex } from "node:stream";

/**
 * Has the frames that are sent in one turn of the event loop leave in one write: that is a call of the system, which takes
 * longer than making the frame. Nothing waits for longer than until what has arrived together has been handled.
 *
 * From the login on only: rc14 begins its keep-alive when the last frame of the handshake has left, even if the connection has
 * ended by then, and nobody ends it any more. The longer that frame takes, the more likely that is.
 * @param client Baileys' WebSocket client, just made
 * @returns to be called before a frame is sent
 */
export function corkFrames(client: Client): () => void {
  let connection: Duplex | undefined;
  let isHeld = false;
  client.on("upgrade", ({ socket }) => {
    client.on("CB:success", () => {
      connection = socket;
    });
  });
  const letGo = () => {
    isHeld = false;
    connection?.uncork();
  };
  return () => {
    if (isHeld || !connection) return;
    isHeld = true;
    connection.cork();
    setImmediate(letGo);
  };
}

/** What it tells of: the answer to its request to upgrade, as the `ws` library has it, and that WhatsApp has let it in. */
interface Client {
  on(event: "upgrade", listener: (response: { readonly socket: Duplex }) => void): unknown;
  on(event: "CB:success", listener: () => void): unknown;
}
