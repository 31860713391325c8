import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "vitest";
import type { BinaryNode } from "../protocol/baileys.ts";
import { guardListeners } from "./guarded-listeners.ts";

describe("guardListeners", () => {
  it("tells of what listeners throw, now or later, and lets the others hear", async () => {
    const ws = new EventEmitter();
    const heard: string[] = [];
    ws.on("message", async () => {
      throw new Error("frame");
    });
    ws.on("CB:message", () => {
      throw new Error("stanza");
    });
    ws.on("CB:message", (text: string) => heard.push(text));
    ws.on("CB:receipt", async () => {
      throw new Error("later");
    });
    const reported: unknown[] = [];
    const note = (what: string) => (error: unknown) => reported.push([what, String(error)]);
    guardListeners(ws, note("frame"), note("stanza"));
    ws.emit("message");
    ws.emit("CB:message", "hello");
    ws.emit("CB:receipt");
    await new Promise(setImmediate);
    assert.deepEqual(heard, ["hello"]);
    assert.deepEqual(reported, [
      ["stanza", "Error: stanza"],
      ["frame", "Error: frame"],
      ["stanza", "Error: later"],
    ]);
  });

  it("drops codes that are none before anybody shows them", () => {
    const ws = new EventEmitter();
    const fail = (error: unknown) => assert.fail(String(error));
    let shown: unknown;
    ws.on("CB:iq,type:set,pair-device", ({ content }: BinaryNode) => {
      shown = content;
    });
    guardListeners(ws, fail, fail);
    const ref = (content?: Uint8Array | string) => ({ tag: "ref", attrs: {}, ...(content && { content }) });
    const good = [ref("one"), ref(new Uint8Array([1]))];
    const codes = {
      tag: "pair-device",
      attrs: {},
      content: [good[0], ref(), ref(new Uint8Array()), good[1]],
    };
    ws.emit("CB:iq,type:set,pair-device", { tag: "iq", attrs: {}, content: [codes] });
    assert.deepEqual(shown, [{ ...codes, content: good }]);
  });
});
