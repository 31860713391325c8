import type { ContactRow } from "../../storage/schema/tables.ts";
import { searchable } from "./contact-search.ts";

/** Something that a device has heard of a person. At least one of `jid` and `lid` is there. */
export interface ContactUpdate {
  /** By number, without a device part. */
  readonly jid?: string | undefined;
  readonly lid?: string | undefined;
  /** When it became true, as far as that is known; of two names the later one counts. */
  readonly at: Date;
  /** When the number had the LID, where that may be long ago: what was heard since counts more. */
  readonly pairedAt?: Date | undefined;
  /** `null`: not in the address book any more. */
  readonly fullName?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly pushName?: string | undefined;
  readonly businessName?: string | undefined;
}

/** A contact without what the table keeps about the row itself. */
export type Known = Omit<ContactRow, "device_id" | "search" | "updated_at">;

/**
 * Contacts as they become with news of them. A person is one contact: what was kept under their number and under their
 * LID is merged when it becomes known that both are theirs. The order of the news does not matter, unless a LID is told
 * with two numbers, or a number with two LIDs: then the pair that came last counts.
 */
export class MergedContacts {
  readonly #before: ReadonlyMap<string, Known>;
  readonly #byJid = new Map<string, Known>();
  readonly #byLid = new Map<string, Known>();

  /** @param known all that is kept of whoever the news is about */
  constructor(known: readonly Known[]) {
    this.#before = new Map(known.map((contact) => [contact.jid, contact]));
    for (const contact of known) this.#put(contact);
  }

  /** @param heardAt now, RFC 3339 */
  learn({ jid, lid: pairedLid, at, pairedAt, ...contactUpdates }: ContactUpdate, heardAt: string): void {
    const byNumber = jid === undefined ? undefined : this.#byJid.get(jid);
    const lid = this.#isOutdated(jid, pairedLid, pairedAt) ? undefined : pairedLid;
    let byLid = lid === undefined ? undefined : this.#byLid.get(lid);
    if (jid !== undefined && byLid && byLid !== byNumber && byLid.phone_number !== null) {
      // The LID was told with another number before.
      this.#put({ ...byLid, lid: null });
      byLid = undefined;
    }
    for (const old of [byNumber, byLid]) if (old) this.#remove(old);
    const best = jid ?? (byLid && jidByNumber(byLid)) ?? lid;
    if (best === undefined) return;
    const isAnotherContact = lid !== undefined && byNumber && byNumber.lid !== null && byNumber.lid !== lid;
    const reported = [
      isAnotherContact ? withoutOwnNames(byNumber) : byNumber,
      byLid,
      namesOf(contactUpdates, at.toISOString()),
    ];
    const contact: Known = {
      ...latest(reported.filter((one) => one !== undefined)),
      jid: best,
      lid: lid ?? byNumber?.lid ?? null,
      phone_number: best === lid ? null : best.slice(0, best.indexOf("@")),
      heard_at: heardAt,
    };
    this.#put(contact);
  }

  /** What has to be stored: contacts that are new or others than before, and the JIDs of those that are gone. */
  changes(): { readonly changed: readonly Known[]; readonly gone: readonly string[] } {
    return {
      changed: [...this.#byJid.values()].filter((contact) => differs(this.#before.get(contact.jid), contact)),
      gone: [...this.#before.keys()].filter((jid) => !this.#byJid.has(jid)),
    };
  }

  /** @returns whether the number was told with another LID since, or the LID with another number */
  #isOutdated(jid: string | undefined, lid: string | undefined, pairedAt: Date | undefined): boolean {
    if (jid === undefined || lid === undefined || pairedAt === undefined) return false;
    const [byNumber, byLid] = [this.#byJid.get(jid), this.#byLid.get(lid)];
    const others = [
      ...(byNumber?.lid && byNumber.lid !== lid ? [byNumber] : []),
      ...(byLid && byLid.phone_number !== null && byLid.jid !== jid ? [byLid] : []),
    ];
    // Not the other way round: a time that is none is as long ago as can be.
    return others.some(({ heard_at }) => !(pairedAt.getTime() > Date.parse(heard_at)));
  }

  #put(contact: Known): void {
    this.#remove(contact);
    this.#byJid.set(contact.jid, contact);
    if (contact.lid !== null) this.#byLid.set(contact.lid, contact);
  }

  #remove({ jid }: Known): void {
    const old = this.#byJid.get(jid);
    if (old?.lid) this.#byLid.delete(old.lid);
    this.#byJid.delete(jid);
  }
}

/** @returns the JID by number, where the number is known */
export function jidByNumber({ jid, phone_number }: Pick<Known, "jid" | "phone_number">): string | undefined {
  return phone_number === null ? undefined : jid;
}

/** @returns what `search` looks in */
export function searchText({ full_name, first_name, push_name, business_name }: Names): string {
  return [full_name, first_name, push_name, business_name]
    .filter((name) => name !== null)
    .map(searchable)
    .join("\n");
}

/** What the address book calls a number stays, whoever has it; what somebody calls themselves goes with them. */
function withoutOwnNames(names: Names): Names {
  const { full_name, full_name_at, first_name, first_name_at } = names;
  return { ...noNames, full_name, full_name_at, first_name, first_name_at };
}

const nameFields = ["full_name", "first_name", "push_name", "business_name"] as const;
type NameField = (typeof nameFields)[number];
type Names = Pick<Known, NameField | `${NameField}_at`>;

const noNames: Names = {
  full_name: null,
  full_name_at: null,
  first_name: null,
  first_name_at: null,
  push_name: null,
  push_name_at: null,
  business_name: null,
  business_name_at: null,
};

function namesOf(
  { fullName, firstName, pushName, businessName }: Omit<ContactUpdate, "jid" | "lid" | "at" | "pairedAt">,
  at: string,
): Names {
  return {
    ...noNames,
    ...(fullName !== undefined && { full_name: written(fullName), full_name_at: at }),
    ...(firstName !== undefined && { first_name: written(firstName), first_name_at: at }),
    ...(pushName !== undefined && { push_name: written(pushName), push_name_at: at }),
    ...(businessName !== undefined && { business_name: written(businessName), business_name_at: at }),
  };
}

function latest(all: readonly Names[]): Names {
  const names = { ...noNames };
  for (const one of all) {
    for (const field of nameFields) {
      if (!isLater(one, names, field)) continue;
      names[field] = one[field];
      names[`${field}_at`] = one[`${field}_at`];
    }
  }
  return names;
}

/** Of two that were told at the same time any may count, but always the same one. */
function isLater(one: Names, other: Names, field: NameField): boolean {
  const [at, otherAt] = [one[`${field}_at`] ?? "", other[`${field}_at`] ?? ""];
  return at > otherAt || (at === otherAt && (one[field] ?? "") > (other[field] ?? ""));
}

/** Names come from whoever they are of: no control characters, no half characters, and no novels. */
function written(name: string | null): string | null {
  const text =
    name
      ?.toWellFormed()
      .replace(/\p{Cc}+/gu, " ")
      .trim() ?? "";
  return text === "" ? null : [...text].slice(0, maxNameLength).join("");
}

const maxNameLength = 128;

/**
 * That somebody was heard of again under the same name, as with each message, is not worth a write each time. When the
 * address book was told is: `full_name_at` tells names that a new copy of it still has from those it has not.
 */
function differs(before: Known | undefined, after: Known): boolean {
  return (
    !before ||
    before.lid !== after.lid ||
    before.full_name_at !== after.full_name_at ||
    nameFields.some((field) => before[field] !== after[field]) ||
    Date.parse(after.heard_at) - Date.parse(before.heard_at) >= heardEveryMs
  );
}

const heardEveryMs = 24 * 60 * 60 * 1000;
