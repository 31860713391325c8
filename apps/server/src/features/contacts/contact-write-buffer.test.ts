import assert from "node:assert/strict";
import { pino } from "pino";
import { describe, it, type TestContext } from "vitest";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { ContactWriteBuffer } from "./contact-write-buffer.ts";
import { contactRepository } from "./contacts.repository.ts";

const updatesOf = (count: number) =>
  Array.from({ length: count }, (_, person) => ({
    jid: `55119${String(person).padStart(8, "0")}@s.whatsapp.net`,
    at: new Date(),
    pushName: `Person ${person}`,
  }));

async function notesOfDevice(test: TestContext, maxWaiting: number) {
  const { database, device } = await databaseWithDevice(test);
  const rows = contactRepository(database, device.id, 10_000);
  const logged: unknown[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => logged.push(JSON.parse(line)) });
  const stored = async () => (await rows.list(undefined, 10_000)).length;
  return { database, notes: new ContactWriteBuffer(rows, maxWaiting, log), stored, logged };
}

describe("contact notes", () => {
  it("are in the database when they are saved, however many there were", async (t) => {
    const { notes, stored, logged } = await notesOfDevice(t, 10_000);
    for (const one of updatesOf(1_500)) notes.enqueue([one]);
    await notes.flush();
    assert.deepEqual([await stored(), logged], [1_500, []]);
  });

  it("are dropped when too many wait, which the log says once, without anybody's number", async (t) => {
    const { notes, stored, logged } = await notesOfDevice(t, 300);
    notes.enqueue(updatesOf(200));
    notes.enqueue(updatesOf(500));
    notes.enqueue(updatesOf(7));
    await notes.flush();
    assert.equal(await stored(), 200);
    assert.partialDeepStrictEqual(logged, [{ dropped: 407 }]);
    assert.doesNotMatch(JSON.stringify(logged), /55119/);
    notes.enqueue(updatesOf(300));
    await notes.flush();
    assert.deepEqual([await stored(), logged.length], [300, 1]);
  });

  it("are forgotten with all that is stored", async (t) => {
    const { notes, stored } = await notesOfDevice(t, 10_000);
    notes.enqueue(updatesOf(900));
    await notes.clear();
    await notes.flush();
    assert.equal(await stored(), 0);
  });

  it("do not stop for what cannot be stored, and say so", async (t) => {
    const { database, notes, stored, logged } = await notesOfDevice(t, 10_000);
    await database.schema.alterTable("contacts").renameTo("elsewhere").execute();
    notes.enqueue(updatesOf(10));
    await notes.flush();
    await database.schema.alterTable("elsewhere").renameTo("contacts").execute();
    notes.enqueue(updatesOf(20));
    await notes.flush();
    assert.deepEqual([await stored(), logged.length], [20, 1]);
  });
});
