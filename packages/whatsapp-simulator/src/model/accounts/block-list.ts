import { createHash } from "node:crypto";
import { type BinaryNode, jidDecode } from "@whiskeysockets/baileys";
import { element } from "../../wire/stanza.ts";

export type BlockAction = "block" | "unblock";

interface BlockableAccount {
  readonly phone: string;
  readonly jid: string;
  readonly lid: string;
}

/** The accounts that can be blocked. */
interface BlockableAccounts {
  findAccount(phone: string): BlockableAccount | undefined;
  accountOf(jid: string): BlockableAccount | undefined;
}

const CAPACITY = 1_000;

/** The phone numbers that an account has blocked. */
export class BlockList {
  readonly #directory: BlockableAccounts;
  #phones: Set<string>;

  constructor(directory: BlockableAccounts, phones: readonly string[]) {
    this.#directory = directory;
    this.#phones = new Set(phones);
  }

  get phones(): string[] {
    return [...this.#phones];
  }

  get isFull(): boolean {
    return this.#phones.size >= CAPACITY;
  }

  /** Identifies the list as it is now: a client that knows the hash need not get the list. */
  get hash(): string {
    return createHash("sha256").update(this.phones.sort().join(" ")).digest("base64url").slice(0, 12);
  }

  /** `<item>` of each, by LID with the phone number beside it; by phone number when there is no account. */
  get items(): BinaryNode[] {
    return this.phones.map((phone) => {
      const account = this.#directory.findAccount(phone);
      const jid = `${phone}@s.whatsapp.net`;
      return element("item", account ? { jid: account.lid, pn_jid: account.jid } : { jid });
    });
  }

  has({ phone }: { readonly phone: string }): boolean {
    return this.#phones.has(phone);
  }

  /** @returns false when nothing changed. */
  change(phone: string, action: BlockAction): boolean {
    if (action === "unblock") return this.#phones.delete(phone);
    if (this.#phones.has(phone)) return false;
    this.#phones.add(phone);
    return true;
  }

  /** The phone that an `<item>` of a client means: the account of its LID or, in the older form, of its phone number. */
  meant({ jid, pn_jid }: Record<string, string | undefined>): string | undefined {
    const account = this.#directory.accountOf(jid ?? "") ?? this.#directory.accountOf(pn_jid ?? "");
    if (account) return account.phone;
    const decoded = jid === undefined ? undefined : jidDecode(jid);
    // A number without an account can only be taken off the list.
    return decoded?.server === "s.whatsapp.net" && this.#phones.has(decoded.user) ? decoded.user : undefined;
  }
}
