import { NOISE_WA_HEADER } from "@whiskeysockets/baileys";
import { ProtocolError } from "../protocol-error.ts";

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
 * The first bytes are `57 41 06 03`; a client that was given routing info sends `45 44 00 01`, its length
 * (24 bits) and the routing info before them (both proven on loopback against rc14).
 */
export class FrameSplitter {
  #pending: Buffer = Buffer.alloc(0);
  #introRead = false;
  #routingInfo: Buffer | undefined;

  /** What the client was once told in `<edge_routing>` and now repeats, if anything. */
  get routingInfo(): Buffer | undefined {
    return this.#routingInfo;
  }

  /**
   * @returns the payloads of the frames that this chunk completes, in order.
   * @throws ProtocolError when the first bytes are not WhatsApp's.
   */
  push(chunk: Uint8Array): Buffer[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    if (!this.#introRead) this.#readIntro();
    if (!this.#introRead) return [];

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
    if (!this.#startsWith(NOISE_WA_HEADER, offset)) {
      const seen = this.#pending.subarray(offset, offset + NOISE_WA_HEADER.length);
      const couldStillCome = [NOISE_WA_HEADER, EDGE_ROUTING_HEADER].some((header) =>
        header.subarray(0, seen.length).equals(seen),
      );
      if (!couldStillCome || seen.length === NOISE_WA_HEADER.length)
        throw new ProtocolError(`not a WhatsApp intro: ${seen.toString("hex")}`);
      return;
    }
    this.#pending = this.#pending.subarray(offset + NOISE_WA_HEADER.length);
    this.#introRead = true;
  }

  #startsWith(bytes: Buffer, offset: number): boolean {
    return this.#pending.subarray(offset, offset + bytes.length).equals(bytes);
  }
}
