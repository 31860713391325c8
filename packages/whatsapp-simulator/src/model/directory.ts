import { jidDecode } from "@whiskeysockets/baileys";
import type { AccountState } from "./accounts/account-state.ts";
import type { Group } from "./group.ts";

/** The accounts and groups of one simulator, found by phone, LID, JID or group JID. */
export class Directory {
  readonly #byPhone = new Map<string, AccountState>();
  readonly #byLid = new Map<string, AccountState>();
  readonly #groups = new Map<string, Group>();

  get accounts(): readonly AccountState[] {
    return [...this.#byPhone.values()];
  }

  get groups(): readonly Group[] {
    return [...this.#groups.values()];
  }

  /** @throws Error when the phone or the LID is taken. */
  addAccount(account: AccountState): void {
    if (this.#byPhone.has(account.phone)) throw new Error(`there is an account ${account.phone} already`);
    if (this.#byLid.has(account.lid)) throw new Error(`there is an account with LID ${account.lid} already`);
    this.#byPhone.set(account.phone, account);
    this.#byLid.set(account.lid, account);
  }

  /** The account's number has another LID from now on. @throws Error when that is taken. */
  changeLid(account: AccountState, lid: string): void {
    if (this.#byLid.has(lid)) throw new Error(`there is an account with LID ${lid} already`);
    this.#byLid.delete(account.lid);
    account.lid = lid;
    this.#byLid.set(lid, account);
  }

  /** @throws Error when the JID is taken. */
  addGroup(group: Group): void {
    if (this.#groups.has(group.jid)) throw new Error(`there is a group ${group.jid} already`);
    this.#groups.set(group.jid, group);
  }

  findAccount(phone: string): AccountState | undefined {
    return this.#byPhone.get(phone);
  }

  /** @throws Error when there is no such account. */
  account(phone: string): AccountState {
    const account = this.#byPhone.get(phone);
    if (!account) throw new Error(`there is no account ${phone}`);
    return account;
  }

  /** By the JID of an account or of one of its devices, phone number or LID. */
  accountOf(jid: string): AccountState | undefined {
    const decoded = jidDecode(jid);
    if (decoded?.server === "lid") return this.#byLid.get(`${decoded.user}@lid`);
    if (decoded?.server === "s.whatsapp.net" || decoded?.server === "c.us")
      return this.#byPhone.get(decoded.user);
    return undefined;
  }

  /** By any number that leads to the account, as a contact query does: `alsoReachedAs` counts. */
  accountReachedAs(phone: string): AccountState | undefined {
    return (
      this.#byPhone.get(phone) ??
      this.accounts.find(({ description }) => description.alsoReachedAs?.includes(phone))
    );
  }

  group(jid: string): Group | undefined {
    return this.#groups.get(jid);
  }

  /** @throws Error when there is no such group. */
  requireGroup(jid: string): Group {
    const group = this.#groups.get(jid);
    if (!group) throw new Error(`there is no group ${jid}`);
    return group;
  }
}
