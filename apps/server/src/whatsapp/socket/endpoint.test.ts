import assert from "node:assert/strict";
import { it } from "vitest";
import { DEFAULT_CONNECTION_CONFIG, DEFAULT_ORIGIN } from "../protocol/baileys.ts";
import { whatsAppOrigin, whatsAppUrl } from "./endpoint.ts";

it("WhatsApp is where Baileys has it", () => {
  assert.deepEqual(
    [whatsAppUrl, whatsAppOrigin],
    [String(DEFAULT_CONNECTION_CONFIG.waWebSocketUrl), DEFAULT_ORIGIN],
  );
});
