import assert from "node:assert/strict";
import { pino } from "pino";
import { describe, it, type TestContext } from "vitest";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { credentialRepository } from "../../whatsapp/auth/credentials.repository.ts";
import { storedKeys } from "../../whatsapp/auth/stored-auth.ts";
import { contactRepository } from "../contacts/contacts.repository.ts";
import { Identities } from "../contacts/identities.ts";
import { registrationRepository } from "../contacts/numbers/registrations.repository.ts";
import { pictureCacheRepository } from "./picture-cache.repository.ts";
import { type CachedPicture, PictureCache } from "./picture-cache.ts";

const ana = "5511999999999@s.whatsapp.net";
const asked = { size: "preview", knownId: undefined } as const;
const hidden: CachedPicture = { jid: ana, reply: { outcome: "hidden" } };

async function answersOfDevice(t: TestContext) {
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
  const answers = new PictureCache(pictureCacheRepository(database, device.id), identities, 60, log);
  const stored = async () => (await database.selectFrom("picture_answers").selectAll().execute()).length;
  return { answers, stored, logged, deleteDevice: () => deviceRepository(database).delete(device.id) };
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
});
