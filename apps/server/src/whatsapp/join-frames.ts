import type { Duplex } from "node:stream";

/**
 * Has the frames that are sent in one turn of the event loop leave in one write: that is a call of the system, which takes
 * longer than making the frame. Nothing waits for longer than until what has arrived together has been handled.
 * @param client Baileys' WebSocket client, just made
 * @returns to be called before a frame is sent
 */
export function joinFrames(client: { on(event: "upgrade", listener: Upgraded): unknown }): () => void {
  let connection: Duplex | undefined;
  let isHeld = false;
  client.on("upgrade", ({ socket }) => {
    connection = socket;
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

/** What the `ws` library tells of the answer to its request to upgrade. */
type Upgraded = (response: { readonly socket: Duplex }) => void;
