import { Failure } from "../failures.ts";
import type { Connection } from "../whatsapp/connection.ts";

export interface QrCode {
  readonly text: string;
  readonly generatedAt: Date;
  readonly expiresAt: Date;
}

export interface PairingCode {
  /** 8 characters, no dash. */
  readonly code: string;
  readonly phoneNumber: string;
  readonly generatedAt: Date;
  readonly expiresAt: Date;
}

export type PairingMethod = { readonly by: "qr" } | { readonly by: "code"; readonly phoneNumber: string };

/** One attempt to pair a device: the codes that one connection offers. */
export class Pairing {
  readonly #method: PairingMethod;
  #connection: Connection | undefined;
  #qrCode: QrCode | undefined;
  #code: Promise<PairingCode> | undefined;
  #codeExpiresAt: Date | undefined;

  constructor(method: PairingMethod) {
    this.#method = method;
  }

  /**
   * A pairing code lives as long as its connection, and that as long as it offers QR codes. WhatsApp sends six of them;
   * five cover the code's life, the sixth is to spare.
   */
  get qrLifetimeMs(): number | undefined {
    return this.#method.by === "code" ? codeLifetimeMs / 5 : undefined;
  }

  /** Whether it can be used for this method too, instead of a new attempt. */
  serves(method: PairingMethod): boolean {
    if (method.by === "qr" || this.#method.by === "qr") return method.by === this.#method.by;
    const expired = this.#codeExpiresAt !== undefined && this.#codeExpiresAt.getTime() <= Date.now();
    return method.phoneNumber === this.#method.phoneNumber && !expired;
  }

  begin(connection: Connection): void {
    this.#connection = connection;
  }

  /** WhatsApp's next QR code. */
  offer(text: string, expiresAt: Date): void {
    this.#qrCode = { text, generatedAt: new Date(), expiresAt };
  }

  /** @returns the QR code that can be scanned now */
  qrCode(): QrCode | undefined {
    return this.#qrCode && this.#qrCode.expiresAt.getTime() > Date.now() ? this.#qrCode : undefined;
  }

  /** Asks for the pairing code, once; every further caller gets the same one. */
  requestCode(): Promise<PairingCode> {
    this.#code ??= this.#askForCode();
    return this.#code;
  }

  async #askForCode(): Promise<PairingCode> {
    if (this.#method.by !== "code" || !this.#connection) throw new Failure("WhatsAppUnreachable");
    const { phoneNumber } = this.#method;
    const code = await this.#connection.requestPairingCode(phoneNumber);
    const generatedAt = new Date();
    this.#codeExpiresAt = new Date(generatedAt.getTime() + codeLifetimeMs);
    return { code, phoneNumber, generatedAt, expiresAt: this.#codeExpiresAt };
  }
}

const codeLifetimeMs = 300_000;
