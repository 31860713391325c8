import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { pino } from "pino";
import { describe, it, type TestContext } from "vitest";
import { deviceRepository } from "../../../sessions/devices.repository.ts";
import { databaseWithDevice } from "../../../test-support/databases/temporary-database.ts";
import { credentialRepository } from "../../../whatsapp/auth/credentials.repository.ts";
import { storedKeys } from "../../../whatsapp/auth/stored-auth.ts";
import { contactRepository } from "../../contacts/contacts.repository.ts";
import { Identities } from "../../contacts/identities.ts";
import { registrationRepository } from "../../contacts/numbers/registrations.repository.ts";
import { type PictureCacheRepository, pictureCacheRepository } from "./picture-cache.repository.ts";
import { type CachedPicture, PictureCache } from "./picture-cache.ts";
import { RecentAnswers } from "./recent-answers.ts";

const ana = "5511999999999@s.whatsapp.net";
const asked = { size: "preview", knownId: undefined } as const;
const hidden: CachedPicture = { jid: ana, reply: { outcome: "hidden" } };

async function answersOfDevice(t: TestContext, lifetimeSeconds = 60) {
  const { database, keyRing, device } = await databaseWithDevice(t);
  const credentials = credentialRepository(database, keyRing, device.id);
  const contacts = contactRepository(database, device.id, 100);
  const identities = new Identities(
    contacts,
    registrationRepository(database, device.id),
    storedKeys(credentials),
  );
  const logged: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void logged.push(line) });
  const rows = pictureCacheRepository(database, device.id);
  const seen = { reads: 0, holdUp: async () => {} };
  const counted: PictureCacheRepository = {
    ...rows,
    async find(...asked) {
      seen.reads += 1;
      const found = await rows.find(...asked);
      await seen.holdUp();
      return found;
    },
  };
  const recent = new RecentAnswers();
  const newCache = () =>
    new PictureCache({ rows: counted, recent: recent.ofDevice(), identities, lifetimeSeconds, log });
  const answers = newCache();
  const stored = async () => (await database.selectFrom("picture_answers").selectAll().execute()).length;
  return {
    answers,
    newCache,
    seen,
    stored,
    logged,
    deleteDevice: () => deviceRepository(database).delete(device.id),
  };
}

describe("answers about pictures", () => {
  it("are not found any more from the moment they are to be forgotten", async (t) => {
    const { answers, stored } = await answersOfDevice(t);
    for (const forget of [
      () => answers.forget([ana]),
      () => answers.forgetAll(),
      () => answers.invalidate(ana),
    ]) {
      await answers.remember(answers.generation, ana, asked, hidden);
      assert.equal((await answers.find([ana], asked)).size, 1);
      const [forgotten, found] = [forget(), answers.find([ana], asked)];
      assert.equal((await found).size, 0);
      await forgotten;
      assert.equal((await answers.find([ana], asked)).size, 0);
      assert.equal(await stored(), 0);
    }
  });

  it("are not stored behind what makes them old, whichever is first", async (t) => {
    const { answers, stored } = await answersOfDevice(t);
    const { generation: moment } = answers;
    const before = answers.remember(moment, ana, asked, hidden);
    await Promise.all([before, answers.forget([ana])]);
    assert.equal(await stored(), 0);
    await answers.remember(moment, ana, asked, hidden);
    assert.equal(await stored(), 0);
    await answers.remember(answers.generation, ana, asked, hidden);
    assert.equal(await stored(), 1);
  });

  it("are saved when nothing is under way any more", async (t) => {
    const { answers, stored } = await answersOfDevice(t);
    await answers.remember(answers.generation, ana, asked, hidden);
    const forgotten = answers.forget([ana]);
    await answers.flush();
    assert.equal(await stored(), 0);
    await forgotten;
  });

  it("fail no request when they cannot be stored, as for a device that is just gone", async (t) => {
    const { answers, stored, logged, deleteDevice } = await answersOfDevice(t);
    await deleteDevice();
    await answers.remember(answers.generation, ana, asked, hidden);
    assert.deepEqual([await stored(), logged.length], [0, 1]);
  });

  it("are read from the database once, until one of them changes", async (t) => {
    const { answers, seen } = await answersOfDevice(t);
    const bruno = "5511888888888@s.whatsapp.net";
    for (const jid of [ana, bruno] as const) await answers.remember(answers.generation, jid, asked, hidden);
    seen.reads = 0;
    for (let time = 0; time < 3; time += 1) {
      assert.equal((await answers.find([ana], asked)).size, 1);
      assert.equal((await answers.find([bruno], asked)).size, 1);
    }
    assert.equal(seen.reads, 2);
    const notSet: CachedPicture = { jid: ana, reply: { outcome: "not-set" } };
    await answers.remember(answers.generation, ana, asked, notSet);
    seen.reads = 0;
    assert.deepEqual((await answers.find([ana], asked)).get(ana), notSet);
    assert.equal((await answers.find([bruno], asked)).size, 1);
    assert.equal(seen.reads, 1, "the other reply has not changed");
  });

  it("are not kept in memory when they were read before a change", async (t) => {
    const { answers, seen } = await answersOfDevice(t);
    for (const change of [
      () => answers.invalidate(ana),
      () => answers.remember(answers.generation, ana, asked, { jid: ana, reply: { outcome: "not-set" } }),
    ]) {
      await answers.remember(answers.generation, ana, asked, hidden);
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      const begun = new Promise<void>((resolve) => {
        seen.holdUp = async () => {
          seen.holdUp = async () => {};
          resolve();
          await held;
        };
      });
      const early = answers.find([ana], asked);
      await begun;
      await change();
      release();
      assert.equal((await early).get(ana)?.reply.outcome, "hidden");
      assert.notEqual((await answers.find([ana], asked)).get(ana)?.reply.outcome, "hidden");
    }
  });

  it("are read again after another server had the device, and when they have expired", async (t) => {
    const { answers, newCache, seen } = await answersOfDevice(t, 0.05);
    await answers.remember(answers.generation, ana, asked, hidden);
    await answers.find([ana], asked);
    seen.reads = 0;
    await newCache().find([ana], asked);
    assert.equal(seen.reads, 1);
    // The time of the system's clock, by which rows are stored.
    while ((await answers.find([ana], asked)).size > 0) await setImmediate();
    assert.equal(seen.reads, 2);
  });
});
