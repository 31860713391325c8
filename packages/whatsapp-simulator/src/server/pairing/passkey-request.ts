import { randomBytes } from "node:crypto";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { element, SERVER_JID, unixSeconds } from "../../wire/stanza.ts";

/** The account must confirm a new device with a passkey, so the phone has not linked the client. */
export class PasskeyRequired extends Error {
  override readonly name = "PasskeyRequired";
}

/**
 * What clients get in place of `<pair-success>` then: WebAuthn request options as JSON, which an authenticator is to sign
 * (whatsmeow pair-passkey.go). What follows it is not played.
 */
export function passkeyRequest(id: string): BinaryNode {
  const options = {
    challenge: randomBytes(32).toString("base64url"),
    timeout: 600_000,
    rpId: "whatsapp.com",
    allowCredentials: [],
    userVerification: "required",
    extensions: { uvm: true },
  };
  return element(
    "notification",
    { from: SERVER_JID, type: "passkey_prologue_request", id, t: unixSeconds() },
    [element("passkey_request_options", {}, Buffer.from(JSON.stringify(options)))],
  );
}
