import { type Wuts, WutsError } from "@wuts/client";
import {
  type LinkedDevice,
  PairingCodeRejected,
  PasskeyRequired,
  QrCodeRejected,
  type Simulator,
} from "@wuts/whatsapp-simulator";

/** The outcome of an action on the phone. */
export type Outcome =
  | "linked"
  | "noQrCode"
  | "qrCodeGone"
  | "noCode"
  | "codeForAnother"
  | "wrongCode"
  | "malformedCode"
  | "passkey"
  | "notLinked"
  | "foreign"
  | "unknownPhone";

/** Links devices with simulated phones. */
export class Linking {
  readonly #simulator: Simulator;
  readonly #server: Promise<Wuts>;
  /** The phone numbers for which clients have requested pairing codes, in that order. */
  readonly #requested = new Set<string>();

  /** @param server an admin's client, once the server runs; it knows the devices that show a QR code */
  constructor(simulator: Simulator, server: Promise<Wuts>) {
    this.#simulator = simulator;
    this.#server = server;
    simulator.events.on("pairingCodeRequested", ({ phone }) => {
      this.#requested.delete(phone);
      this.#requested.add(phone);
    });
    simulator.events.on("paired", ({ phone }) => this.#requested.delete(phone));
  }

  devicesOf(phone: string): readonly LinkedDevice[] {
    return this.#simulator.account(phone).devices;
  }

  /** Scans the newest QR code. */
  async scan(phone: string): Promise<Outcome> {
    const server = await this.#server;
    const deviceId = await deviceWithNewestQrCode(server);
    if (deviceId === undefined) return "noQrCode";
    const code = await server.session.generateQrCode({ device_id: deviceId }).catch(unlessGone);
    if (code === undefined) return "qrCodeGone";
    return outcomeOf(this.#simulator.account(phone).scanQr(code.qr_code));
  }

  /** Types a code under "Link with phone number instead". */
  async type(phone: string, code: string): Promise<Outcome> {
    if (!/^[0-9A-Z]{8}$/i.test(code.replaceAll(/[\s-]/g, ""))) return "malformedCode";
    // The simulator would wait until a client requests a code.
    if (!this.#requested.has(phone)) return this.#requested.size === 0 ? "noCode" : "codeForAnother";
    return outcomeOf(this.#simulator.account(phone).enterPairingCode(code));
  }
}

async function outcomeOf(linking: Promise<LinkedDevice>): Promise<Outcome> {
  try {
    await linking;
    return "linked";
  } catch (error) {
    if (error instanceof QrCodeRejected) return "qrCodeGone";
    if (error instanceof PairingCodeRejected) return "wrongCode";
    if (error instanceof PasskeyRequired) return "passkey";
    // The device closed its connection, stopped, or made a mistake.
    return "notLinked";
  }
}

/** @returns the device whose valid QR code is the newest. Creates no QR code. */
async function deviceWithNewestQrCode({ devices, session }: Wuts): Promise<string | undefined> {
  const shown: { readonly deviceId: string; readonly since: string }[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await devices.list({ limit: 100, ...(cursor && { cursor }) });
    for (const { id, state } of page.items) {
      if (state !== "pairing") continue;
      const { generated_at } = await session.getQrStatus({ device_id: id });
      if (generated_at !== null) shown.push({ deviceId: id, since: generated_at });
    }
    cursor = page.next_cursor;
  } while (cursor);
  return shown.sort((a, b) => a.since.localeCompare(b.since)).at(-1)?.deviceId;
}

/** A device may have been linked or deleted since it was listed. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof WutsError) || (error.status !== 404 && error.status !== 409)) throw error;
}
