import type { BinaryNode, WASocket } from "../protocol/baileys.ts";
import { LivenessMonitor, type ProbeOptions } from "./liveness-monitor.ts";

/**
 * Asks WhatsApp for a sign of life when nothing came for a while. From the first frame on that comes: until then, opening
 * the connection has a deadline of its own.
 * @param onSilence no sign of life came: the connection must be given up, for this reason
 * @returns ends that
 */
export function keepAlive(
  socket: Pick<WASocket, "ws" | "sendNode" | "generateMessageTag">,
  options: ProbeOptions,
  onSilence: (why: Error) => void,
): () => void {
  let isEncrypted = false;
  let signsOfLife: LivenessMonitor | undefined;
  const ask = () => {
    // Before the handshake is over, Baileys would send it in the clear.
    if (isEncrypted) socket.sendNode(ping(socket.generateMessageTag())).catch(() => undefined);
  };
  // Only readable frames are a sign of life: bytes may be a part of a frame that never ends.
  socket.ws.on("frame", (frame: unknown) => {
    signsOfLife ??= new LivenessMonitor(options, ask, () => onSilence(new FellSilent()));
    signsOfLife.heard();
    isEncrypted ||= !(frame instanceof Uint8Array);
  });
  return () => signsOfLife?.stop();
}

/**
 * A ping, which WhatsApp's servers answer for every client, and which has no other effect; as whatsmeow and Baileys rc14 send
 * it.
 */
function ping(id: string): BinaryNode {
  return {
    tag: "iq",
    attrs: { id, to: "@s.whatsapp.net", type: "get", xmlns: "w:p" },
    content: [{ tag: "ping", attrs: {} }],
  };
}

/** With the code that Baileys' own keep-alive gives, where Baileys' errors have it. */
class FellSilent extends Error {
  readonly output = { statusCode: 408 };
}
