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

/** What a block list is read and changed with. */
export interface BlockListParts {
  readonly device: Device;
  readonly queries: QueryClient;
  readonly numbers: RegisteredNumbers;
  readonly identities: Identities;
  readonly updates: ContactWriteBuffer;
}

/** Whom a device's account has blocked. */
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

  /** @returns everybody, in WhatsApp's order @throws Failure as in the contract of `GET /contacts/blocklist` */
  async list(): Promise<Identity[]> {
    this.#device.ready();
    const blocked = await this.#ask(this.#queries.newDeadline());
    return (await this.#identities.complete(blocked)).map(identityOf);
  }

  /** @param target the JID of a person, or a LID @throws Failure as in the contract of `POST /contacts/block` */
  async block(target: Jid): Promise<BlockChange> {
    this.#refuseOwn(target);
    const deadline = this.#queries.newDeadline();
    const person = isLid(target)
      ? await this.#findByLid(target, deadline)
      : await this.#numbers.require(userOf(target), deadline);
    return (await this.#change("block", person, deadline)).done;
  }

  /**
   * As `block`. Who is blocked can be unblocked, also when they are not on WhatsApp any more, or were blocked when their number
   * had another LID: the list keeps that.
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
   * Remembers whose numbers the list told. It says them as they were when somebody was blocked, so it counts less than
   * whatever else was told.
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
   * Whom to block by LID. WhatsApp wants the number, and might block whoever has it: one that was told long ago may be somebody
   * else's by now, so WhatsApp is asked. Of whom no number is known, the block list may tell it.
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
    // Where WhatsApp does not tell the LID, `find` adds what is known.
    return { jid: reported?.lid === lid ? reported.jid : null, lid };
  }

  async #find(target: Jid, deadline: Deadline): Promise<Person> {
    if (!isLid(target)) return this.#numbers.require(userOf(target), deadline);
    return this.#identities.completeOne({ jid: null, lid: target });
  }

  /** @throws Failure OwnAccount when one of these names the device's account, and as `ready` */
  #refuseOwn(...names: readonly (Jid | null)[]): void {
    this.#device.ready();
    const own: readonly (Jid | undefined)[] = this.#device.ownJids.map(parseJid);
    if (names.some((name) => name !== null && own.includes(name))) throw new Failure("OwnAccount");
  }

  async #change(action: BlockAction, person: Person, deadline: Deadline): Promise<Changed> {
    // WhatsApp may have told that another form of a number is the account's own.
    this.#refuseOwn(person.jid, person.lid);
    // Equal changes do not share an answer: one that undoes the first may have come between them.
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
  /** The block list after it, where WhatsApp tells it. */
  readonly left: readonly Person[];
}
