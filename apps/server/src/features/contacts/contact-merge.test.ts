import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { type ContactUpdate, type Known, MergedContacts } from "./contact-merge.ts";

const now = "2026-06-15T12:00:00.000Z";

/** The contacts stored after updates in several batches, sorted by JID. */
function kept(...batches: readonly (readonly ContactUpdate[])[]): Known[] {
  const rows = new Map<string, Known>();
  for (const contactUpdates of batches) {
    const merged = new MergedContacts([...rows.values()]);
    for (const one of contactUpdates) merged.learn(one, now);
    const { changed, gone } = merged.changes();
    for (const jid of gone) rows.delete(jid);
    for (const contact of changed) rows.set(contact.jid, contact);
  }
  return [...rows.values()].sort((one, other) => (one.jid < other.jid ? -1 : 1));
}

const jidOf = (person: number) => `551190000000${person}@s.whatsapp.net`;
const lidOf = (person: number) => `90000${person}@lid`;
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

/** Updates of a few contacts, by number, by LID, or by both. */
const contactUpdates: fc.Arbitrary<ContactUpdate> = fc
  .record({
    person: fc.nat(3),
    by: fc.constantFrom("number", "lid", "both"),
    seconds: fc.nat(5),
    names: fc.record(
      {
        fullName: fc.constantFrom("Ana", "Bia", null),
        firstName: fc.constantFrom("A", null),
        pushName: fc.constantFrom("aninha", "bia"),
        businessName: fc.constantFrom("Padaria", "Bar"),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ person, by, seconds, names }) => ({
    ...(by !== "lid" && { jid: jidOf(person) }),
    ...(by !== "number" && { lid: lidOf(person) }),
    at: at(seconds),
    ...names,
  }));

describe("merged contacts", () => {
  it("are the same in whatever order the updates come", () => {
    const orders = fc
      .array(contactUpdates, { maxLength: 12 })
      .chain((contactUpdates) =>
        fc.tuple(
          fc.constant(contactUpdates),
          fc.shuffledSubarray(contactUpdates, { minLength: contactUpdates.length }),
        ),
      );
    fc.assert(
      fc.property(orders, ([contactUpdates, otherOrder]) =>
        assert.deepEqual(kept(contactUpdates), kept(otherOrder)),
      ),
    );
  });

  it("never have a contact, a number or a LID twice, and forget none", () => {
    fc.assert(
      fc.property(fc.array(contactUpdates, { maxLength: 12 }), (contactUpdates) => {
        const contacts = kept(contactUpdates);
        const lids = contacts.flatMap(({ lid }) => lid ?? []);
        assert.equal(new Set(lids).size, lids.length);
        for (const { jid, lid } of contactUpdates)
          assert.equal(
            contacts.filter((one) => one.jid === jid || (lid !== undefined && one.lid === lid)).length,
            1,
          );
      }),
    );
  });

  it("are one when a pair becomes known, with the names of both", () => {
    assert.partialDeepStrictEqual(
      kept(
        [{ jid: jidOf(1), at: at(1), fullName: "Ana Souza" }],
        [{ lid: lidOf(1), at: at(2), pushName: "aninha" }],
        [{ jid: jidOf(1), lid: lidOf(1), at: at(3) }],
      ),
      [
        {
          jid: jidOf(1),
          lid: lidOf(1),
          phone_number: "5511900000001",
          full_name: "Ana Souza",
          push_name: "aninha",
        },
      ],
    );
  });

  it("are found under the number although the LID was there first", () => {
    const contacts = kept(
      [{ lid: lidOf(1), at: at(1), pushName: "aninha" }],
      [{ jid: jidOf(1), lid: lidOf(1), at: at(2) }],
    );
    assert.deepEqual(
      contacts.map(({ jid, lid }) => [jid, lid]),
      [[jidOf(1), lidOf(1)]],
    );
  });

  it("have the LID with the number that it was told with last", () => {
    const contacts = kept(
      [{ jid: jidOf(1), lid: lidOf(1), at: at(1), fullName: "Ana" }],
      [{ jid: jidOf(2), lid: lidOf(1), at: at(2), pushName: "aninha" }],
    );
    assert.deepEqual(
      contacts.map(({ jid, lid, full_name, push_name }) => [jid, lid, full_name, push_name]),
      [
        [jidOf(1), null, "Ana", null],
        [jidOf(2), lidOf(1), null, "aninha"],
      ],
    );
  });

  it("have the number with the LID that it was told with last", () => {
    const contacts = kept(
      [{ jid: jidOf(1), lid: lidOf(1), at: at(1) }],
      [{ jid: jidOf(1), lid: lidOf(2), at: at(2) }],
    );
    assert.deepEqual(
      contacts.map(({ jid, lid }) => [jid, lid]),
      [[jidOf(1), lidOf(2)]],
    );
  });

  it("keep the LID that was heard of since a number had the other one, and the number of a LID", () => {
    const before = new Date(Date.parse(now) - 1);
    const later = new Date(Date.parse(now) + 1);
    const known: ContactUpdate[] = [{ jid: jidOf(1), lid: lidOf(1), at: at(1) }];
    for (const other of [
      { jid: jidOf(1), lid: lidOf(2) },
      { jid: jidOf(2), lid: lidOf(1) },
    ]) {
      const contactUpdates = { ...other, at: at(2), fullName: "Ana" };
      const lidsOf = (pairedAt: Date) =>
        kept(known, [{ ...contactUpdates, pairedAt }]).map(({ jid, lid, full_name }) => [
          jid,
          lid,
          full_name,
        ]);
      const isSame = other.jid === jidOf(1);
      assert.deepEqual(
        lidsOf(before),
        isSame
          ? [[jidOf(1), lidOf(1), "Ana"]]
          : [
              [jidOf(1), lidOf(1), null],
              [jidOf(2), null, "Ana"],
            ],
      );
      assert.deepEqual(
        lidsOf(later),
        isSame
          ? [[jidOf(1), lidOf(2), "Ana"]]
          : [
              [jidOf(1), null, null],
              [jidOf(2), lidOf(1), "Ana"],
            ],
      );
    }
    assert.equal(
      kept([{ jid: jidOf(1), lid: lidOf(1), at: at(1), pairedAt: new Date(0) }])[0]?.lid,
      lidOf(1),
    );
  });

  it("keep what the address book calls a number, and not the name of an earlier owner", () => {
    const ana = { jid: jidOf(1), lid: lidOf(1), at: at(1), fullName: "Ana", firstName: "A" };
    const [contact] = kept(
      [{ ...ana, pushName: "aninha", businessName: "Padaria" }],
      [{ jid: jidOf(1), lid: lidOf(2), at: at(2) }],
    );
    assert.partialDeepStrictEqual(contact, {
      lid: lidOf(2),
      full_name: "Ana",
      first_name: "A",
      push_name: null,
      business_name: null,
    });
  });

  it("lose a name that was taken out of the address book, and get it back", () => {
    const [taken] = kept([
      { jid: jidOf(1), at: at(2), fullName: null },
      { jid: jidOf(1), at: at(1), fullName: "Ana" },
    ]);
    assert.equal(taken?.full_name, null);
    const [back] = kept(taken ? [{ jid: jidOf(1), at: at(3), fullName: "Ana" }] : []);
    assert.equal(back?.full_name, "Ana");
  });

  it("are not written for being heard of again, but once a day", () => {
    const [contact] = kept([{ jid: jidOf(1), at: at(1), pushName: "aninha" }]);
    assert.ok(contact);
    const changesAt = (heardAt: string) => {
      const merged = new MergedContacts([contact]);
      merged.learn({ jid: jidOf(1), at: at(9), pushName: "aninha" }, heardAt);
      return merged.changes().changed.length;
    };
    assert.deepEqual([changesAt("2026-06-16T11:59:59.999Z"), changesAt("2026-06-16T12:00:00.000Z")], [0, 1]);
  });

  it("take no control characters, no half characters and no endless names", () => {
    const nameOf = (pushName: string) => kept([{ jid: jidOf(1), at: at(1), pushName }])[0]?.push_name;
    assert.equal(nameOf(" A\u0000na\n"), "A na");
    assert.equal(nameOf("\ud83d"), "\ufffd");
    assert.equal(nameOf("\u0007"), null);
    assert.equal(nameOf("😀".repeat(200)), "😀".repeat(128));
  });
});
