import { ClientNotSupported } from "../protocol-error.ts";
import { canBePrologue, PROLOGUE_BYTES } from "./prologue.ts";

const LENGTH_BYTES = 3;
const EDGE_ROUTING_HEADER = Buffer.from([0x45, 0x44, 0x00, 0x01]);

/** Prefixes a payload with its length as an unsigned 24-bit big-endian number. */
export function frame(payload: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + payload.length);
  framed.writeUIntBE(payload.length, 0, LENGTH_BYTES);
  framed.set(payload, LENGTH_BYTES);
  return framed;
}

/**
 * Cuts what a client sends into frames, wherever the chunks happen to end.
 *
 * The first bytes are `57 41 06 03`, or another version behind `57 41`; a client that was given routing info sends `45 44 00 01`, its length
 * (24 bits) and the routing info before them (both proven on loopback against rc14).
 */
export class FrameSplitter {
  #pending: Buffer = Buffer.alloc(0);
  #prologue: Buffer | undefined;
  #routingInfo: Buffer | undefined;

  /** Which version of the protocol the client speaks: 4 bytes, known before the first frame is. */
  get prologue(): Buffer | undefined {
    return this.#prologue;
  }

  /** The routing info of an earlier `<edge_routing>` that the client repeats, if any. */
  get routingInfo(): Buffer | undefined {
    return this.#routingInfo;
  }

  /**
   * @returns the payloads of the frames that this chunk completes, in order.
   * @throws ClientNotSupported when the first bytes are not WhatsApp's.
   */
  push(chunk: Uint8Array): Buffer[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    if (!this.#prologue) this.#readIntro();
    if (!this.#prologue) return [];

    const payloads: Buffer[] = [];
    while (this.#pending.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#pending.readUIntBE(0, LENGTH_BYTES);
      if (this.#pending.length < end) break;
      payloads.push(this.#pending.subarray(LENGTH_BYTES, end));
      this.#pending = this.#pending.subarray(end);
    }
    return payloads;
  }

  #readIntro(): void {
    let offset = 0;
    if (this.#startsWith(EDGE_ROUTING_HEADER, 0)) {
      const lengthAt = EDGE_ROUTING_HEADER.length;
      offset = lengthAt + LENGTH_BYTES;
      if (this.#pending.length < offset) return;
      const start = offset;
      offset += this.#pending.readUIntBE(lengthAt, LENGTH_BYTES);
      if (this.#pending.length < offset) return;
      this.#routingInfo = this.#pending.subarray(start, offset);
    }
    const prologue = this.#pending.subarray(offset, offset + PROLOGUE_BYTES);
    // More of the routing info's header may be to come.
    if (offset === 0 && EDGE_ROUTING_HEADER.subarray(0, prologue.length).equals(prologue)) return;
    if (!canBePrologue(prologue))
      throw new ClientNotSupported(
        `a WhatsApp client begins with 57410603 (hexadecimal), this one began with ${prologue.toString("hex")}`,
      );
    if (prologue.length < PROLOGUE_BYTES) return;
    this.#prologue = prologue;
    this.#pending = this.#pending.subarray(offset + PROLOGUE_BYTES);
  }

  #startsWith(bytes: Buffer, offset: number): boolean {
    return this.#pending.subarray(offset, offset + bytes.length).equals(bytes);
  }
}
