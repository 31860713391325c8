import { Failure } from "../../kernel/failures.ts";
import { withoutStacks } from "../baileys-patches/suppress-stack-traces.ts";
import { type BinaryNode, getBinaryNodeChild, type WASocket } from "../protocol/baileys.ts";

/** The result of a query: WhatsApp's reply, or the code of its error. */
export type QueryReply =
  | { readonly refused: false; readonly node: BinaryNode }
  | { readonly refused: true; readonly code: number };

/**
 * Sends stanzas, and matches replies to them by the id that both carry.
 *
 * Takes the place of rc14's own `query`, which makes three promises with timeouts for each stanza. Each promise captures a
 * stack when it is made and two more when it settles, and listens to the socket twice: that took longer than all other work for
 * an HTTP request.
 */
export class PendingQueries {
  readonly #socket: Pick<WASocket, "ws" | "sendNode" | "generateMessageTag">;
  readonly #pending = new Map<string, Pending>();
  #isEnded = false;

  constructor(socket: Pick<WASocket, "ws" | "sendNode" | "generateMessageTag">) {
    this.#socket = socket;
    // Any stanza with the id is the reply, as in rc14. During the handshake a frame is bytes.
    socket.ws.on("frame", (frame: BinaryNode | Uint8Array) => {
      if (frame instanceof Uint8Array) return;
      const { id } = frame.attrs;
      if (id !== undefined) this.#pending.get(id)?.answered(frame);
    });
  }

  /**
   * Sends a stanza and waits for its answer.
   * @param stanza is given an id where it has none
   * @throws Failure WhatsAppTimeout, or DeviceNotReady when the connection ends first
   */
  ask({ tag, attrs, content }: BinaryNode, timeoutMs: number): Promise<QueryReply> {
    const id = attrs.id ?? this.#socket.generateMessageTag();
    return new Promise((resolve, reject) => {
      if (this.#isEnded) throw new Failure("DeviceNotReady");
      const stanza = { tag, attrs: { ...attrs, id }, ...(content !== undefined && { content }) };
      // A stanza that cannot be encoded throws at once.
      const sending = withoutStacks(() => this.#socket.sendNode(stanza));
      const done = () => {
        clearTimeout(timer);
        this.#pending.delete(id);
      };
      const fail = (why: unknown) => {
        done();
        reject(why);
      };
      const timer = setTimeout(() => fail(new Failure("WhatsAppTimeout")), timeoutMs);
      this.#pending.set(id, {
        answered(answer) {
          done();
          resolve(readReply(answer));
        },
        ended: () => fail(new Failure("DeviceNotReady")),
      });
      sending.catch(() => {
        // A closed socket is about to emit its end. Until then the device counts as connected: a caller that failed now would
        // retry at once, and so would every caller in the queue behind it.
        if (this.#socket.ws.isOpen) fail(new Failure("DeviceNotReady"));
      });
    });
  }

  /** Rejects all pending queries. To be called when the connection has ended: no reply arrives after that. */
  end(): void {
    this.#isEnded = true;
    for (const { ended } of [...this.#pending.values()]) ended();
  }
}

interface Pending {
  readonly answered: (answer: BinaryNode) => void;
  readonly ended: () => void;
}

/** WhatsApp refuses with `<error code=…>` in the answer. */
function readReply(node: BinaryNode): QueryReply {
  const error = getBinaryNodeChild(node, "error");
  return error ? { refused: true, code: Number(error.attrs.code) } : { refused: false, node };
}
