import type { ContactRow } from "../../storage/schema/tables.ts";
import { searchable } from "./contact-search.ts";

/** A contact update that a device received. At least `jid` or `lid` is present. */
export interface ContactUpdate {
  /** The JID with the phone number, without a device part. */
  readonly jid?: string | undefined;
  readonly lid?: string | undefined;
  /** When it became true, as far as that is known; of two names the later one counts. */
  readonly at: Date;
  /** When the number had the LID, if that may be long ago: later updates count more. */
  readonly pairedAt?: Date | undefined;
  /** `null`: removed from the address book. */
  readonly fullName?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly pushName?: string | undefined;
  readonly businessName?: string | undefined;
}

/** A contact without the columns about the row itself. */
export type Known = Omit<ContactRow, "device_id" | "search" | "updated_at">;

/**
 * Merges contact updates into stored contacts. A person is one contact: the contacts under their number and under their
 * LID are merged when both are known to be theirs. The order of the updates does not matter, unless a LID comes with two
 * numbers, or a number with two LIDs: then the last pair counts.
 */
export class MergedContacts {
  readonly #before: ReadonlyMap<string, Known>;
  readonly #byJid = new Map<string, Known>();
  readonly #byLid = new Map<string, Known>();

  /** @param known all stored contacts that the updates concern */
  constructor(known: readonly Known[]) {
    this.#before = new Map(known.map((contact) => [contact.jid, contact]));
    for (const contact of known) this.#put(contact);
  }

  /** Applies an update. @param heardAt now, RFC 3339 */
  learn({ jid, lid: pairedLid, at, pairedAt, ...contactUpdates }: ContactUpdate, heardAt: string): void {
    const byNumber = jid === undefined ? undefined : this.#byJid.get(jid);
    const lid = this.#isOutdated(jid, pairedLid, pairedAt) ? undefined : pairedLid;
    let byLid = lid === undefined ? undefined : this.#byLid.get(lid);
    if (jid !== undefined && byLid && byLid !== byNumber && byLid.phone_number !== null) {
      // An earlier update had the LID with another number.
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

  /** @returns the contacts to store, new or changed, and the JIDs of contacts to remove */
  changes(): { readonly changed: readonly Known[]; readonly gone: readonly string[] } {
    return {
      changed: [...this.#byJid.values()].filter((contact) => differs(this.#before.get(contact.jid), contact)),
      gone: [...this.#before.keys()].filter((jid) => !this.#byJid.has(jid)),
    };
  }

  /** @returns whether a later update had the number with another LID, or the LID with another number */
  #isOutdated(jid: string | undefined, lid: string | undefined, pairedAt: Date | undefined): boolean {
    if (jid === undefined || lid === undefined || pairedAt === undefined) return false;
    const [byNumber, byLid] = [this.#byJid.get(jid), this.#byLid.get(lid)];
    const others = [
      ...(byNumber?.lid && byNumber.lid !== lid ? [byNumber] : []),
      ...(byLid && byLid.phone_number !== null && byLid.jid !== jid ? [byLid] : []),
    ];
    // Not written as `<=`: an invalid time must count as the oldest.
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

/** @returns the text that `search` matches */
export function searchText({ full_name, first_name, push_name, business_name }: Names): string {
  return [full_name, first_name, push_name, business_name]
    .filter((name) => name !== null)
    .map(searchable)
    .join("\n");
}

/** Keeps the names that the address book has for a number, even under a new owner; drops those that belong to the person. */
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

/** Orders names by time; at equal times by text, so that the same name always wins. */
function isLater(one: Names, other: Names, field: NameField): boolean {
  const [at, otherAt] = [one[`${field}_at`] ?? "", other[`${field}_at`] ?? ""];
  return at > otherAt || (at === otherAt && (one[field] ?? "") > (other[field] ?? ""));
}

/** Cleans a name, which comes from the person or business itself: no control characters, no lone surrogates, bounded length. */
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
 * Whether a contact must be written. Each message repeats the sender's name, and a repeated name alone is not worth a
 * write. A new `full_name_at` is: it separates the names in a new copy of the address book from those that it no longer
 * has.
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
