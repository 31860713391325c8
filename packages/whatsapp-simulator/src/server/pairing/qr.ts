import { randomBytes } from "node:crypto";
import type { AccountState } from "../../model/accounts/account-state.ts";
import type { DeviceRecord } from "../../model/accounts/linked-device.ts";
import { parseQrText, QrCodeRejected } from "../../phone/qr-text.ts";
import { element } from "../../wire/stanza.ts";
import type { Client } from "../client.ts";
import type { PairSuccess } from "./pair-success.ts";
import type { Registration } from "./registration.ts";

interface Offer {
  readonly connection: Client;
  readonly registration: Registration;
}

const EXPIRED_REFS_KEPT = 1_000;

/** Clients that show QR codes, and the phones that scan them. */
export class QrPairings {
  readonly #refCount: number;
  readonly #pairSuccess: PairSuccess;
  readonly #offers = new Map<string, Offer>();
  /** Kept so that the error of a late scan says why it fails. */
  readonly #expired = new Set<string>();

  /** @param refCount how many refs, thus QR codes, one connection gets. */
  constructor(refCount: number, pairSuccess: PairSuccess) {
    this.#refCount = refCount;
    this.#pairSuccess = pairSuccess;
  }

  /** `<pair-device>` with one `<ref>` per QR code (rc14 Socket/socket.ts "CB:iq,type:set,pair-device"). Proven. */
  open(connection: Client, registration: Registration): void {
    const refs = Array.from({ length: this.#refCount }, () => `2@${randomBytes(48).toString("base64")}`);
    for (const ref of refs) this.#offers.set(ref, { connection, registration });
    connection.request({ type: "set", xmlns: "md" }, [
      element(
        "pair-device",
        {},
        refs.map((ref) => element("ref", {}, Buffer.from(ref))),
      ),
    ]);
  }

  /** @throws QrCodeRejected */
  async scan(account: AccountState, text: string): Promise<DeviceRecord> {
    const { ref, noiseKey, identityKey, advSecret } = parseQrText(text);
    const offer = this.#offers.get(ref);
    if (!offer)
      throw new QrCodeRejected(this.#expired.has(ref) ? "this QR code has expired" : "unknown QR code");
    const { connection, registration } = offer;
    if (!registration.noiseKey.equals(noiseKey) || !registration.identityKey.equals(identityKey))
      throw new QrCodeRejected("the QR code shows other keys than its client has");
    this.close(connection);
    return this.#pairSuccess.offer(connection, registration, account, advSecret);
  }

  /** The connection's QR codes expire: it closed, or one of them was scanned. */
  close(connection: Client): void {
    for (const [ref, offer] of this.#offers)
      if (offer.connection === connection) {
        this.#offers.delete(ref);
        this.#expired.add(ref);
      }
    for (const ref of this.#expired) {
      if (this.#expired.size <= EXPIRED_REFS_KEPT) break;
      this.#expired.delete(ref);
    }
  }
}
