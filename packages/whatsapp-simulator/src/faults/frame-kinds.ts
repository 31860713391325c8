import { randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import type { Connection } from "../wire/connection.ts";
import { frame } from "../wire/noise/frames.ts";

/** The part of a connection that sends what is no stanza. */
type BytesSender = Pick<Connection, "sendBytes" | "sendPlaintext">;

/** The ways in which what a server sends can be no stanza at all. None of them is what a client expects next. */
export const FRAME_KINDS = {
  /** Its length says more than there is: what follows is taken for the rest of it. */
  truncated: (connection: BytesSender) => connection.sendBytes(frame(randomBytes(1_000)).subarray(0, 13)),
  /** Of the right length, but encrypted with another key. */
  undecryptable: (connection: BytesSender) => connection.sendBytes(frame(randomBytes(64))),
  /** No bytes at all; not even the tag that proves them. */
  empty: (connection: BytesSender) => connection.sendBytes(frame(Buffer.alloc(0))),
  /** As long as a frame can be, 16 MB, and encrypted with another key. */
  huge: (connection: BytesSender) => connection.sendBytes(frame(Buffer.alloc(0xff_ff_ff, 7))),
  /** Decrypts to bytes that are no stanza. */
  "no-stanza": (connection: BytesSender) =>
    connection.sendPlaintext(Buffer.from([0, 0xf8, 0x05, 0xfc, 0xff])),
  /** Decrypts to nothing. */
  "no-plaintext": (connection: BytesSender) => connection.sendPlaintext(Buffer.alloc(0)),
  /** Says that it is compressed, and is not. */
  "not-compressed": (connection: BytesSender) => connection.sendPlaintext(Buffer.from([2, 1, 2, 3, 4])),
  /** Decompresses to 64 MB that are no stanza. */
  inflated: (connection: BytesSender) =>
    connection.sendPlaintext(Buffer.concat([Buffer.from([2]), deflateSync(Buffer.alloc(64 * 1024 * 1024))])),
  /** A text frame of the WebSocket, where all are binary. */
  text: (connection: BytesSender) => connection.sendBytes("<stream:features/>"),
} as const;

export type FrameKind = keyof typeof FRAME_KINDS;
