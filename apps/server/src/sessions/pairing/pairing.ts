import { Expiry } from "../../kernel/concurrency/expiry.ts";
import { Failure } from "../../kernel/failures.ts";
import type { Connection } from "../../whatsapp/socket/connection.ts";

export interface QrCode {
  readonly text: string;
  /** Draws the code as a PNG in a data URL; drawn once, however often it is requested. */
  readonly image: () => Promise<string>;
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

/** One pairing attempt: the codes that one connection offers. */
export class Pairing {
  readonly #method: PairingMethod;
  #connection: Connection | undefined;
  #qrCode:
    | { readonly text: string; readonly term: Expiry; readonly image: () => Promise<string> }
    | undefined;
  #code: Promise<{ readonly code: string; readonly phoneNumber: string; readonly term: Expiry }> | undefined;
  #codeTerm: Expiry | undefined;
  #isGivenUp = false;
  #hasEnded = false;
  #needsPasskey = false;
  #isCodeExpired = false;

  constructor(method: PairingMethod) {
    this.#method = method;
  }

  /**
   * Lifetime of each QR code while a pairing code is offered. A pairing code lives as long as its connection, and the
   * connection as long as it offers QR codes. WhatsApp sends six of them; five cover the code's life, the sixth is to
   * spare.
   */
  get qrLifetimeMs(): number | undefined {
    return this.#method.by === "code" ? codeLifetimeMs / 5 : undefined;
  }

  /** Whether the attempt serves this method too, so that no new attempt is needed. */
  serves(method: PairingMethod): boolean {
    if (method.by === "qr" || this.#method.by === "qr") return method.by === this.#method.by;
    const isOver = this.#isCodeExpired || this.#codeTerm?.isExpired === true;
    return method.phoneNumber === this.#method.phoneNumber && !isOver;
  }

  /** Ends the attempt at a caller's request; requests that wait for its codes fail. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Ends the attempt when a phone has linked the device, or cannot: its codes are invalid from now on. */
  end(): void {
    this.#hasEnded = true;
    this.#qrCode = undefined;
  }

  /** Drops the pairing code when WhatsApp says that it has expired: the next caller gets another code. */
  expireCode(): void {
    this.#isCodeExpired = true;
  }

  /** Records that the account must confirm the device with a passkey. */
  requirePasskey(): void {
    this.#needsPasskey = true;
    this.end();
  }

  get needsPasskey(): boolean {
    return this.#needsPasskey;
  }

  begin(connection: Connection): void {
    this.#connection = connection;
  }

  /** Takes WhatsApp's next QR code. */
  offer(text: string, lifetimeMs: number): void {
    if (this.#hasEnded) return;
    let drawn: Promise<string> | undefined;
    this.#qrCode = { text, term: new Expiry(lifetimeMs), image: () => (drawn ??= draw(text)) };
  }

  /** @returns the QR code that can be scanned now */
  qrCode(): QrCode | undefined {
    if (!this.#qrCode || this.#qrCode.term.isExpired) return undefined;
    const { text, term, image } = this.#qrCode;
    return { text, image, generatedAt: term.from, expiresAt: term.until };
  }

  /** Requests the pairing code from WhatsApp once; all further callers get the same code. */
  async requestCode(): Promise<PairingCode> {
    this.#code ??= this.#askForCode();
    const { code, phoneNumber, term } = await this.#code;
    return { code, phoneNumber, generatedAt: term.from, expiresAt: term.until };
  }

  async #askForCode() {
    if (this.#method.by !== "code" || !this.#connection) throw new Failure("WhatsAppUnreachable");
    const { phoneNumber } = this.#method;
    const code = await this.#connection.requestPairingCode(phoneNumber);
    this.#codeTerm = new Expiry(codeLifetimeMs);
    return { code, phoneNumber, term: this.#codeTerm };
  }
}

const codeLifetimeMs = 300_000;

async function draw(text: string): Promise<string> {
  // Loaded when the first code is drawn: a server whose devices are all paired draws no codes.
  const { toDataURL } = await import("qrcode");
  return toDataURL(text, { width: 400 });
}
