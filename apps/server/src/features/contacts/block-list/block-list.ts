import type { BlockChange, Identity } from "@wuts/contract";
import type { Deadline } from "../../../kernel/concurrency/query-queue.ts";
import { Failure } from "../../../kernel/failures.ts";
import type { Device } from "../../../sessions/device.ts";
import { type QueryClient, refusal } from "../../../sessions/query-client.ts";
import { isLid, type Jid, type Person, parseJid, userOf } from "../../../whatsapp/protocol/jid.ts";
import { withoutOwnAccount } from "../contact-events.ts";
import type { ContactWriteBuffer } from "../contact-write-buffer.ts";
import { type Identities, identityOf } from "../identities.ts";
import type { RegisteredNumbers } from "../numbers/registered-numbers.ts";
import { type BlockAction, blockChange, blockListQuery, readBlockList } from "./block-list-stanza.ts";

/** Dependencies of the block list. */
export interface BlockListParts {
  readonly device: Device;
  readonly queries: QueryClient;
  readonly numbers: RegisteredNumbers;
  readonly identities: Identities;
  readonly updates: ContactWriteBuffer;
}

/** The contacts that a device's account has blocked. */
export class BlockList {
  readonly #device: Device;
  readonly #queries: QueryClient;
  readonly #numbers: RegisteredNumbers;
  readonly #identities: Identities;
  readonly #updates: ContactWriteBuffer;

  constructor({ device, queries, numbers, identities, updates: notes }: BlockListParts) {
    this.#device = device;
    this.#queries = queries;
    this.#numbers = numbers;
    this.#identities = identities;
    this.#updates = notes;
  }

  /** @returns all blocked contacts, in WhatsApp's order @throws Failure as in the contract of `GET /contacts/blocklist` */
  async list(): Promise<Identity[]> {
    this.#device.ready();
    const blocked = await this.#ask(this.#queries.newDeadline());
    return (await this.#identities.complete(blocked)).map(identityOf);
  }

  /**
   * Blocks a contact.
   * @param target the JID of a person, or a LID
   * @throws Failure as in the contract of `POST /contacts/block`
   */
  async block(target: Jid): Promise<BlockChange> {
    this.#refuseOwn(target);
    const deadline = this.#queries.newDeadline();
    const person = isLid(target)
      ? await this.#findByLid(target, deadline)
      : await this.#numbers.require(userOf(target), deadline);
    return (await this.#change("block", person, deadline)).done;
  }

  /**
   * As `block`, for unblocking. A blocked contact can be unblocked even if it is no longer on WhatsApp, or was blocked
   * when its number had another LID: the list keeps that LID.
   */
  async unblock(target: Jid): Promise<BlockChange> {
    this.#refuseOwn(target);
    const deadline = this.#queries.newDeadline();
    const person = await this.#find(target, deadline).catch(async (error: unknown) => {
      if (!(error instanceof Failure) || error.name !== "NotOnWhatsApp") throw error;
      const blocked = (await this.#ask(deadline)).find(({ jid }) => jid === target);
      if (!blocked) throw error;
      return blocked;
    });
    const change = await this.#change("unblock", person, deadline);
    const older = change.left.find(
      ({ jid, lid }) => jid !== null && jid === person.jid && lid !== person.lid,
    );
    if (older) await this.#change("unblock", older, deadline);
    return change.done;
  }

  async #ask(deadline: Deadline): Promise<Person[]> {
    const blocked = readBlockList(await this.#queries.ask(blockListQuery(), "blocklist", deadline));
    if (!blocked) throw new Failure("WhatsAppError", { cause: "an answer without the block list" });
    await this.#learn(blocked);
    return blocked;
  }

  /**
   * Stores pairs of number and LID from the block list. The list has them as they were when the contact was blocked, so
   * every other source counts more.
   */
  async #learn(blocked: readonly Person[]): Promise<void> {
    const pairs = blocked.flatMap(({ jid, lid }) => (jid && lid ? [{ jid, lid }] : []));
    if (pairs.length === 0) return;
    const known = await this.#identities.known(pairs.flatMap(({ jid, lid }) => [jid, lid]));
    const fresh = pairs.filter(({ jid, lid }) => !known.get(jid)?.lid && !known.get(lid)?.jid);
    const at = new Date();
    const contactUpdates = fresh.map((pair) => ({ ...pair, at }));
    this.#updates.enqueue(withoutOwnAccount(contactUpdates, this.#device.ownJids));
    await this.#updates.flush();
  }

  /**
   * Finds the contact to block by LID. WhatsApp wants the number, and might block its present owner: a stored number may
   * belong to another person by now, so WhatsApp is asked. If no number is known, the block list may have it.
   */
  async #findByLid(lid: Jid, deadline: Deadline): Promise<Person> {
    const { jid } = await this.#identities.completeOne({ jid: null, lid });
    if (jid === null) {
      const listed = (await this.#ask(deadline)).find((blocked) => blocked.lid === lid);
      return listed ?? { jid: null, lid };
    }
    const number = userOf(jid);
    const { registered, refused } = await this.#numbers.find([number], deadline, true);
    const failure = refused.get(number);
    if (failure) throw failure;
    const reported = registered.get(number);
    // If WhatsApp does not send the LID, `find` adds the stored one.
    return { jid: reported?.lid === lid ? reported.jid : null, lid };
  }

  async #find(target: Jid, deadline: Deadline): Promise<Person> {
    if (!isLid(target)) return this.#numbers.require(userOf(target), deadline);
    return this.#identities.completeOne({ jid: null, lid: target });
  }

  /** @throws Failure OwnAccount when a name is the device's own account, and as `ready` */
  #refuseOwn(...names: readonly (Jid | null)[]): void {
    this.#device.ready();
    const own: readonly (Jid | undefined)[] = this.#device.ownJids.map(parseJid);
    if (names.some((name) => name !== null && own.includes(name))) throw new Failure("OwnAccount");
  }

  async #change(action: BlockAction, person: Person, deadline: Deadline): Promise<Changed> {
    // WhatsApp may have replied that another form of a number is the account's own.
    this.#refuseOwn(person.jid, person.lid);
    // Equal changes do not share a reply: an opposite change may have come between them.
    const key = `${action} ${this.#queries.newId()}`;
    const reply = await this.#queries.send(blockChange(action, person), key, deadline);
    if (reply.refused && reply.code === 404) throw new Failure("NotOnWhatsApp");
    if (reply.refused) throw refusal(reply.code);
    return {
      done: { ...identityOf(person), blocked: action === "block" },
      left: readBlockList(reply.node) ?? [],
    };
  }
}

interface Changed {
  readonly done: BlockChange;
  /** The block list after the change, if WhatsApp sends it. */
  readonly left: readonly Person[];
}
