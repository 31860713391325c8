import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import type { BinaryNode } from "../protocol/baileys.ts";
import { type Demand, limitDemands } from "./demands.ts";

const server = "@s.whatsapp.net";
const child = (tag: string, attrs: Record<string, string> = {}): BinaryNode[] => [{ tag, attrs }];
const changed = (name: string): BinaryNode => ({
  tag: "notification",
  attrs: { from: server, type: "server_sync" },
  content: child("collection", { name }),
});

/** A stanza of each kind, and how many of it are handled at once. */
const demands: Record<Demand, { readonly stanza: () => BinaryNode; readonly most: number }> = {
  appState: { stanza: () => changed("regular"), most: 20 },
  keysLow: { stanza: () => notification("encrypt", "count"), most: 6 },
  identity: { stanza: () => notification("encrypt", "identity"), most: 60 },
  dirty: { stanza: () => ({ tag: "ib", attrs: {}, content: child("dirty") }), most: 10 },
  success: { stanza: () => ({ tag: "success", attrs: {} }), most: 2 },
  offlinePreview: { stanza: () => ({ tag: "ib", attrs: {}, content: child("offline_preview") }), most: 10 },
  pairDevice: { stanza: () => ({ tag: "iq", attrs: {}, content: child("pair-device") }), most: 10 },
  pairSuccess: { stanza: () => ({ tag: "iq", attrs: {}, content: child("pair-success") }), most: 10 },
  pairingCode: { stanza: () => notification("link_code_companion_reg", "any"), most: 10 },
  retryReceipt: { stanza: () => ({ tag: "receipt", attrs: { type: "retry" } }), most: 60 },
  unavailableMessage: {
    stanza: () => ({ tag: "message", attrs: {}, content: child("unavailable") }),
    most: 30,
  },
  refusedMessage: { stanza: () => ({ tag: "ack", attrs: { class: "message", error: "463" } }), most: 30 },
};

/** What is acknowledged, or answered by something that was asked for, is no demand. */
const others: (() => BinaryNode)[] = [
  () => ({ tag: "receipt", attrs: {} }),
  () => ({ tag: "message", attrs: {}, content: child("enc") }),
  () => ({
    tag: "message",
    attrs: {},
    content: child("unavailable", { type: "view_once_unavailable_fanout" }),
  }),
  () => ({ tag: "notification", attrs: { type: "picture" }, content: child("set") }),
  () => ({ tag: "notification", attrs: { type: "encrypt", offline: "1" }, content: child("identity") }),
  () => ({ tag: "iq", attrs: { type: "result" }, content: child("sync") }),
  () => ({ tag: "ib", attrs: {}, content: child("offline") }),
  () => ({ tag: "ack", attrs: { class: "message" } }),
];

function notification(type: string, content: string): BinaryNode {
  return { tag: "notification", attrs: { from: server, type }, content: child(content) };
}

describe("What WhatsApp sends and what has a device ask and upload", () => {
  let now: number;
  let ws: EventEmitter & { readonly isOpen: boolean };
  let fetched: string[][];
  let excess: Demand[];
  let stop: () => void;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    [fetched, excess] = [[], []];
    ws = Object.assign(new EventEmitter(), { isOpen: true });
    stop = limitDemands(
      { ws } as Parameters<typeof limitDemands>[0],
      (names) => void fetched.push([...names]),
      (demand) => void excess.push(demand),
    );
  });
  afterEach(() => {
    stop();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const pass = (ms: number) => {
    now += ms;
    vi.advanceTimersByTime(ms);
  };
  /** @returns how many of them Baileys would handle */
  const send = (stanza: () => BinaryNode, times: number) => {
    let handled = 0;
    for (let sent = 0; sent < times; sent += 1) {
      const node = stanza();
      const { tag } = node;
      ws.emit("frame", node);
      handled += node.tag === tag ? 1 : 0;
    }
    return handled;
  };

  for (const [demand, { stanza, most }] of Object.entries(demands))
    it(`is handled so often in a minute: ${demand}, ${most} times`, () => {
      assert.equal(send(stanza, 1_000), most);
      assert.deepEqual(excess, [demand]);
      pass(60_000);
      assert.equal(send(stanza, 1_000), most);
      assert.deepEqual(excess, [demand, demand]);
    });

  it("does not keep one kind from being handled because of another one", () => {
    send(demands.dirty.stanza, 1_000);
    assert.equal(send(demands.success.stanza, 1), 1);
  });

  it("is none of what a device only acknowledges, which is handled however much there is", () => {
    for (const other of others) assert.equal(send(other, 1_000), 1_000, JSON.stringify(other()));
    ws.emit("frame", new Uint8Array([1, 2, 3]));
    assert.deepEqual(excess, []);
  });

  it("is fetched later where it is a change of the app state, all of it at once", () => {
    send(() => changed("regular"), 25);
    send(() => changed("critical_block"), 5);
    send(() => changed("unknown"), 5);
    assert.deepEqual(fetched, []);
    pass(30_000);
    assert.deepEqual(fetched, [["regular", "critical_block"]]);
    pass(600_000);
    assert.equal(fetched.length, 1);
  });

  it("is not fetched any more when the connection has ended", () => {
    send(() => changed("regular"), 25);
    stop();
    pass(30_000);
    assert.deepEqual(fetched, []);
  });
});
