import assert from "node:assert/strict";
import { once } from "node:events";
import { deflateSync } from "node:zlib";
import { type BinaryNode, Curve, NOISE_WA_HEADER, proto } from "@whiskeysockets/baileys";
import { describe, it } from "vitest";
import { WebSocket } from "ws";
import { connect, pairAndLogIn, queryPicture } from "../test-support/baileys-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";
import { frame } from "../wire/noise/frames.ts";
import { FRAME_KINDS, type FrameKind } from "./frame-kinds.ts";

const PHONE = "5511999999999";
const OTHER = "5511888888888";
const JID = `${PHONE}@s.whatsapp.net`;
const PICTURE_QUERY = "iq w:profile:picture get";

/** In bytes, with the length in front, and with the tag of what is encrypted behind. */
const LENGTHS: Record<FrameKind, number> = {
  truncated: 13,
  undecryptable: 3 + 64,
  empty: 3,
  huge: 3 + 0xff_ff_ff,
  "no-stanza": 3 + 5 + 16,
  "no-plaintext": 3 + 16,
  "not-compressed": 3 + 5 + 16,
  inflated: 3 + 1 + deflateSync(Buffer.alloc(64 * 1024 * 1024)).length + 16,
  text: 18,
};

describe("faults of a connection", () => {
  it("cuts it when a stanza comes, until that is undone", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE, picture: { id: "1" } });
    const client = await pairAndLogIn(simulator, PHONE);
    const undo = simulator.faults.cut(PICTURE_QUERY);
    const asking = queryPicture(client.sock, JID, {}, 200);
    assert.equal((await client.closed).code, 428);
    assert.ok("code" in (await asking));
    undo();
    const again = connect(simulator, client.auth);
    await again.opened();
    assert.ok("tag" in (await queryPicture(again.sock, JID)));
    await again.end();
  });

  for (const step of ["hello", "finish"] as const)
    it(`cuts it at the ${step} of the handshake`, async (t) => {
      const simulator = await withSimulator(t);
      const undo = simulator.faults.cutHandshake(step);
      let stanzas = 0;
      simulator.events.on("stanza", () => {
        stanzas += 1;
      });
      assert.equal((await connect(simulator).closed).code, 428);
      assert.equal(stanzas, 0);
      undo();
      const client = connect(simulator);
      await client.qr();
      await client.end();
    });

  it("answers the hello with garbage", async (t) => {
    const simulator = await withSimulator(t);
    simulator.faults.garbleHandshake(Buffer.from("no handshake"));
    const socket = new WebSocket(simulator.url);
    t.onTestFinished(() => socket.terminate());
    await once(socket, "open");
    const hello = proto.HandshakeMessage.encode({
      clientHello: { ephemeral: Curve.generateKeyPair().public },
    }).finish();
    socket.send(Buffer.concat([NOISE_WA_HEADER, frame(hello)]));
    const [answer] = await once(socket, "message");
    assert.equal(String(answer), "no handshake");
  });

  for (const kind of Object.keys(FRAME_KINDS) as FrameKind[])
    it(`sends a frame that is ${kind} to the devices of an account only, or to all`, async (t) => {
      const simulator = await withSimulator(t);
      const received: string[] = [];
      const { promise: all, resolve } = Promise.withResolvers<void>();
      for (const phone of [PHONE, OTHER]) {
        simulator.addAccount({ phone });
        const { sock } = await pairAndLogIn(simulator, phone);
        t.onTestFinished(() => sock.end(undefined));
        // rc14 ends the process over most of them.
        sock.ws.removeAllListeners("message");
        sock.ws.on("message", (data: Buffer) => {
          // What the phone sends a new device may come, too.
          if (data.length !== LENGTHS[kind]) return;
          received.push(phone);
          if (received.length === 3) resolve();
        });
      }
      assert.equal(simulator.faults.sendFrame(OTHER, kind), 1);
      assert.equal(simulator.faults.sendFrameToAll(kind), 2);
      await all;
      assert.deepEqual(received.sort(), [OTHER, OTHER, PHONE]);
    });

  it("sends a stanza as it is", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const client = await pairAndLogIn(simulator, PHONE);
    const received = new Promise<BinaryNode>((resolve) => {
      client.sock.ws.on("CB:odd", resolve);
    });
    assert.equal(simulator.faults.sendStanza(PHONE, { tag: "odd", attrs: { id: "7" } }), 1);
    const { tag, attrs } = await received;
    assert.deepEqual([tag, attrs], ["odd", { id: "7" }]);
    await client.end();
  });
});
