import type { EventEmitter } from "node:events";
import { type BinaryNode, getBinaryNodeChild } from "../protocol/baileys.ts";

/**
 * Keeps stanzas and frames of WhatsApp from ending the process. rc14's listeners are async functions, and no caller awaits
 * them: a frame that does not decrypt, or a stanza without what it should have, would be an unhandled rejection.
 * @param ws Baileys' WebSocket client, with every listener that is to be guarded
 * @param onFrame is called when a frame cannot be read: no later frame can be read either
 * @param onStanza is called when a stanza cannot be handled; later ones can
 */
export function guardListeners(
  ws: EventEmitter,
  onFrame: (error: unknown) => void,
  onStanza: (error: unknown) => void,
): void {
  for (const name of ws.eventNames()) {
    const onFailure = name === "message" ? onFrame : onStanza;
    for (const listener of ws.listeners(name)) {
      ws.off(name, listener as Listener);
      ws.on(name, guarded(listener, onFailure));
    }
  }
  // Baileys shows the codes from a timer. An empty code would throw there, where the error cannot be caught.
  ws.prependListener("CB:iq,type:set,pair-device", dropEmptyCodes);
}

type Listener = (...given: unknown[]) => void;

function guarded(listener: unknown, onFailure: (error: unknown) => void): Listener {
  return (...given) => {
    if (typeof listener !== "function") return;
    try {
      const done: unknown = Reflect.apply(listener, undefined, given);
      if (done instanceof Promise) done.catch(onFailure);
    } catch (error) {
      onFailure(error);
    }
  };
}

function dropEmptyCodes(stanza: BinaryNode): void {
  const codes = getBinaryNodeChild(stanza, "pair-device");
  if (!codes || !Array.isArray(codes.content)) return;
  codes.content = codes.content.filter(
    ({ tag, content }) => tag !== "ref" || (content && content.length > 0),
  );
}
