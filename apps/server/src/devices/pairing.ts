import { Failure } from "../failures.ts";
import type { Connection } from "../whatsapp/connection.ts";
import { Term } from "./term.ts";

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
  #qrCode: { readonly text: string; readonly term: Term } | undefined;
  #code: Promise<{ readonly code: string; readonly phoneNumber: string; readonly term: Term }> | undefined;
  #codeTerm: Term | undefined;

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
    return method.phoneNumber === this.#method.phoneNumber && this.#codeTerm?.isOver !== true;
  }

  begin(connection: Connection): void {
    this.#connection = connection;
  }

  /** WhatsApp's next QR code. */
  offer(text: string, lifetimeMs: number): void {
    this.#qrCode = { text, term: new Term(lifetimeMs) };
  }

  /** @returns the QR code that can be scanned now */
  qrCode(): QrCode | undefined {
    if (!this.#qrCode || this.#qrCode.term.isOver) return undefined;
    const { text, term } = this.#qrCode;
    return { text, generatedAt: term.from, expiresAt: term.until };
  }

  /** Asks for the pairing code, once; every further caller gets the same one. */
  async requestCode(): Promise<PairingCode> {
    this.#code ??= this.#askForCode();
    const { code, phoneNumber, term } = await this.#code;
    return { code, phoneNumber, generatedAt: term.from, expiresAt: term.until };
  }

  async #askForCode() {
    if (this.#method.by !== "code" || !this.#connection) throw new Failure("WhatsAppUnreachable");
    const { phoneNumber } = this.#method;
    const code = await this.#connection.requestPairingCode(phoneNumber);
    this.#codeTerm = new Term(codeLifetimeMs);
    return { code, phoneNumber, term: this.#codeTerm };
  }
}

const codeLifetimeMs = 300_000;
