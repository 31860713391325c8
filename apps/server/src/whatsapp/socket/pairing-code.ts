import { Failure } from "../../kernel/failures.ts";
import { type BinaryNode, getBinaryNodeChild, type WASocket } from "../protocol/baileys.ts";
import type { Close } from "./close-reasons.ts";

/**
 * Asks for a pairing code and waits until WhatsApp has accepted the request.
 *
 * rc14's requestPairingCode returns as soon as the stanza is written, so a refusal (400, 429) would go unseen and the
 * user would type a code that cannot work. Nothing else is under way on a connection that waits to be paired, so the
 * next error answer is the refusal, and the next `<link_code_companion_reg>` the consent.
 * @param closed resolves when the connection ends
 * @throws Failure NotOnWhatsApp, WhatsAppRateLimited, WhatsAppError, WhatsAppTimeout, WhatsAppUnreachable
 */
export async function askForPairingCode(
  socket: WASocket,
  phoneNumber: string,
  timeoutMs: number,
  closed: Promise<Close>,
): Promise<string> {
  const { promise: accepted, resolve, reject } = Promise.withResolvers<void>();
  const onConsent = () => resolve();
  const onRefusal = (answer: BinaryNode) =>
    reject(refusal(Number(getBinaryNodeChild(answer, "error")?.attrs.code)));
  const deadline = setTimeout(() => reject(new Failure("WhatsAppTimeout")), timeoutMs);
  closed.then(() => reject(new Failure("WhatsAppUnreachable")));
  socket.ws.on(consentEvent, onConsent);
  socket.ws.on(refusalEvent, onRefusal);
  try {
    const asked = socket.requestPairingCode(phoneNumber).catch((error) => {
      throw new Failure("WhatsAppUnreachable", { cause: error });
    });
    const [code] = await Promise.all([asked, accepted]);
    return code;
  } finally {
    clearTimeout(deadline);
    socket.ws.off(consentEvent, onConsent);
    socket.ws.off(refusalEvent, onRefusal);
  }
}

const consentEvent = "CB:iq,type:result,link_code_companion_reg";
const refusalEvent = "CB:iq,type:error";

function refusal(code: number): Failure {
  if (code === 429) return new Failure("WhatsAppRateLimited");
  // `item-not-found`: no account has this number.
  return code === 404
    ? new Failure("NotOnWhatsApp")
    : new Failure("WhatsAppError", { message: `WhatsApp refused to make a pairing code (${code})` });
}
