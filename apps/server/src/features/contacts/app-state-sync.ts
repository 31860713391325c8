import type { AppStateScope } from "@wuts/contract";
import { Failure } from "../../kernel/failures.ts";
import type { Device } from "../../sessions/device.ts";
import { type QueryClient, refusal } from "../../sessions/query-client.ts";
import { type Collection, hasAppStateKey } from "../../whatsapp/app-state/app-state.ts";
import type { ContactWriteBuffer } from "./contact-write-buffer.ts";
import type { ContactRepository } from "./contacts.repository.ts";

/** Syncs app state, such as the address book, from the phone to one device. */
export class AppState {
  readonly #device: Device;
  readonly #queries: QueryClient;
  readonly #contacts: ContactRepository;
  readonly #updates: ContactWriteBuffer;

  constructor(device: Device, queries: QueryClient, contacts: ContactRepository, notes: ContactWriteBuffer) {
    this.#device = device;
    this.#queries = queries;
    this.#contacts = contacts;
    this.#updates = notes;
  }

  /**
   * Fetches parts of the app state. A contact that is missing in a new copy of the address book loses its name from
   * there.
   * @param refresh whether to fetch everything, instead of the changes only
   * @returns how many contacts have a name from the address book now
   * @throws Failure as in the contract of `POST /appstate/sync`
   */
  async fetch(scopes: readonly AppStateScope[], refresh: boolean): Promise<number> {
    if (!hasAppStateKey(this.#device.ready().auth.state)) {
      const message = "the phone has not given this device the key to its app state yet";
      throw new Failure("DeviceNotReady", { message, retryAfter: 5 });
    }
    const collections = scopes.flatMap((scope) => collectionsOf[scope]);
    const startedAt = new Date();
    const reply = await this.#queries.work(
      (connection, timeoutMs) =>
        this.#queries.timed("w:sync:app:state", () =>
          connection.fetchAppState(collections, refresh, timeoutMs),
        ),
      this.#queries.newDeadline(),
    );
    if (reply.refused) throw refusal(reply.code);
    if (reply.endless.length > 0) {
      const message = `WhatsApp does not come to an end with its answers: ${reply.endless.join(", ")}`;
      throw new Failure("WhatsAppError", { message });
    }
    if (reply.unreadable.length > 0) {
      const message = `WhatsApp has not told, or not so that it can be read: ${reply.unreadable.join(", ")}`;
      throw new Failure("WhatsAppError", { message });
    }
    await this.#updates.flush();
    if (refresh && scopes.includes("contacts")) await this.#contacts.forgetNames(startedAt);
    return this.#contacts.countNamed();
  }
}

/** WhatsApp's collections for each scope; rc14's `ALL_WA_PATCH_NAMES` are these five. */
const collectionsOf: Record<AppStateScope, readonly Collection[]> = {
  contacts: ["critical_unblock_low"],
  chats: ["regular_low", "regular_high"],
  settings: ["critical_block", "regular"],
};
