import assert from "node:assert/strict";
import { NOISE_WA_HEADER } from "@whiskeysockets/baileys";
import fc from "fast-check";
import { describe, it } from "vitest";
import { ClientNotSupported } from "../protocol-error.ts";
import { FrameSplitter, frame } from "./frames.ts";

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

/** The same bytes, cut at arbitrary places. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  let start = 0;
  return ends.map((end) => {
    const chunk = stream.subarray(start, end);
    start = end;
    return chunk;
  });
}

function routingIntro(info: Buffer): Buffer {
  const length = Buffer.alloc(3);
  length.writeUIntBE(info.length, 0, 3);
  return Buffer.concat([Buffer.from("ED"), Buffer.from([0, 1]), length, info]);
}

describe("FrameSplitter", () => {
  it("finds the same frames wherever the chunks end, with and without routing info", () => {
    fc.assert(
      fc.property(
        fc.option(bytes, { nil: undefined }),
        fc.array(bytes),
        fc.array(fc.nat()),
        (routingInfo, payloads, places) => {
          const intro = routingInfo ? routingIntro(routingInfo) : Buffer.alloc(0);
          const stream = Buffer.concat([intro, NOISE_WA_HEADER, ...payloads.map((each) => frame(each))]);
          const splitter = new FrameSplitter();
          const found = cut(stream, places).flatMap((chunk) => splitter.push(chunk));
          assert.deepEqual(found, payloads);
          assert.deepEqual(splitter.routingInfo, routingInfo);
        },
      ),
    );
  });

  it("has the version of the protocol that a client speaks", () => {
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.nat(255),
        fc.option(bytes, { nil: undefined }),
        (protocol, words, routing) => {
          const prologue = Buffer.from([0x57, 0x41, protocol, words]);
          const splitter = new FrameSplitter();
          for (const byte of Buffer.concat([routing ? routingIntro(routing) : Buffer.alloc(0), prologue])) {
            assert.equal(splitter.prologue, undefined);
            splitter.push(Buffer.from([byte]));
          }
          assert.deepEqual(splitter.prologue, prologue);
        },
      ),
    );
  });

  it("refuses any other intro as early as possible", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), (start) => {
        const text = Buffer.from(start).toString("latin1");
        fc.pre(!text.startsWith("WA") && !text.startsWith("ED\x00\x01"));
        assert.throws(() => new FrameSplitter().push(start), ClientNotSupported);
      }),
    );
    for (const start of ["GET", "W\0", "EDIT"])
      assert.throws(() => new FrameSplitter().push(Buffer.from(start)), ClientNotSupported);
  });
});
