import type { Duplex } from "node:stream";

/**
 * Corks the connection, so that all frames of one turn of the event loop leave in one write: a write is a system call, which
 * takes longer than making the frame. A frame waits only until the input that arrived together has been handled.
 *
 * Corks from the login on only: rc14 begins its keep-alive when the last frame of the handshake has left, even if the
 * connection has ended by then, and never stops that keep-alive. The longer that frame takes, the more likely that is.
 * @param client Baileys' WebSocket client, just made
 * @returns a function to be called before a frame is sent
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

/**
 * The events that corking needs: the response to the WebSocket upgrade, as the `ws` library emits it, and WhatsApp's
 * `<success>` after the login.
 */
interface Client {
  on(event: "upgrade", listener: (response: { readonly socket: Duplex }) => void): unknown;
  on(event: "CB:success", listener: () => void): unknown;
}
