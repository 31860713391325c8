import type { StoredAuth } from "../auth/stored-auth.ts";

type Send = (data: unknown, done?: (error?: Error) => void) => void;

/** The conditions that frames wait for. */
export interface BeforeSending extends Pick<StoredAuth, "pendingWrites"> {
  /**
   * Asked just before a frame leaves. @returns a promise to wait for, and then to ask again; `undefined`: it may leave. Rejects
   * when the connection is not to be used any more
   */
  confirmed(): Promise<void> | undefined;
}

/**
 * Holds back every frame until the credentials and keys that were changed before it are durable, and the frame may be sent.
 * Baileys emits "credentials changed" without waiting for the write, and a stanza that is ahead of the disk is a device that
 * cannot log in after a crash.
 *
 * Patches the WebSocket inside Baileys' client: rc14 captures all its own functions in closures, and this is the only place
 * that every frame passes.
 * @param client Baileys' WebSocket client, just made
 * @param onFailure a write failed, or nothing may be sent: the connection must be given up; frames behind it are never sent
 * @param beforeFrame is called before each frame that leaves
 * @throws when the client is not built as in rc14
 */
export function sendBehindWrites(
  client: object,
  before: BeforeSending,
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

  /** The wait itself may have been long. */
  const sendConfirmed = async (...[data, done]: Parameters<Send>) => {
    for (let wait = before.confirmed(); wait; wait = before.confirmed()) await wait;
    sendNow(data, done);
  };

  // Not a mutex: a frame that has nothing to wait for leaves in the same turn, and no frame leaves after one that failed.
  let queue: Promise<void> | undefined;
  const send: Send = (data, done) => {
    const [writes, confirmed] = [before.pendingWrites(), before.confirmed()];
    if (!writes && !confirmed && !queue) return sendNow(data, done);
    const turn = Promise.all([queue, writes, confirmed]).then(() => sendConfirmed(data, done));
    queue = turn;
    turn.then(
      () => {
        if (queue === turn) queue = undefined;
      },
      (error: unknown) => {
        done?.(new Error("what comes before it could not be stored, or confirmed", { cause: error }));
        onFailure(error);
      },
    );
  };
  Object.defineProperty(transport, "send", { value: send });
}
