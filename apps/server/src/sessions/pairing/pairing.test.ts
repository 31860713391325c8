import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { Pairing } from "./pairing.ts";

describe("Pairing", () => {
  it("draws each QR code once, however often it is asked for", async () => {
    const pairing = new Pairing({ by: "qr" });
    pairing.offer("first", 60_000);
    const [drawn, again] = [pairing.qrCode()?.image(), pairing.qrCode()?.image()];
    assert.ok(drawn !== undefined && drawn === again);
    assert.match(await drawn, /^data:image\/png;base64,/);
    pairing.offer("second", 60_000);
    assert.notEqual(await pairing.qrCode()?.image(), await drawn);
  });
});
