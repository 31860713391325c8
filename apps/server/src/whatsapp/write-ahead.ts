import type { StoredAuth } from "./stored-auth.ts";

type Send = (data: unknown, done?: (error?: Error) => void) => void;

/**
 * Holds back every frame until the credentials and keys that were changed before it are durable. Baileys says
 * "credentials changed" without waiting for anyone to write them, and a stanza that is ahead of the disk is a device
 * that cannot log in after a crash.
 *
 * Patches the WebSocket inside Baileys' client: rc14 captures all its own functions in closures, this is the one place
 * that every frame passes.
 * @param client Baileys' WebSocket client, just made
 * @param onFailure a write failed: the connection must be given up; frames behind it are never sent
 * @param beforeFrame is called before each frame that leaves
 * @throws when the client is not built as in rc14
 */
export function sendBehindWrites(
  client: object,
  auth: Pick<StoredAuth, "pendingWrites">,
  onFailure: (error: unknown) => void,
  beforeFrame: () => void = () => undefined,
): void {
  const transport: unknown = Reflect.get(client, "socket");
  if (typeof transport !== "object" || transport === null || !("send" in transport)) {
    throw new Error("Baileys' WebSocket client is not built as expected");
  }
  const original = transport.send;
  if (typeof original !== "function") throw new Error("Baileys' WebSocket cannot send");
  const sendNow: Send = (data, done) => {
    beforeFrame();
    Reflect.apply(original, transport, [data, done]);
  };

  let queue: Promise<void> | undefined;
  const send: Send = (data, done) => {
    const writes = auth.pendingWrites();
    if (!writes && !queue) return sendNow(data, done);
    const turn = Promise.all([queue, writes]).then(() => sendNow(data, done));
    queue = turn;
    turn.then(
      () => {
        if (queue === turn) queue = undefined;
      },
      (error: unknown) => {
        done?.(new Error("the credentials could not be stored", { cause: error }));
        onFailure(error);
      },
    );
  };
  Object.defineProperty(transport, "send", { value: send });
}
