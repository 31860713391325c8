import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { deviceRepository } from "../../../sessions/devices.repository.ts";
import { databaseWithDevice } from "../../../test-support/databases/temporary-database.ts";
import {
  type CachedPictureRow,
  deleteExpiredPictureAnswers,
  pictureCacheRepository,
} from "./picture-cache.repository.ts";

const ever = new Date(0);

function found(asked_jid: string, more: Partial<CachedPictureRow> = {}): CachedPictureRow {
  return {
    asked_jid,
    picture_size: "preview",
    outcome: "found",
    jid: asked_jid,
    picture_id: "1",
    found_size: "preview",
    url: "https://example.com/1",
    direct_path: "/1",
    expires_at: null,
    ...more,
  };
}

describe("picture answers", () => {
  it("are remembered for each size, and replaced", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const answers = pictureCacheRepository(database, device.id);
    assert.deepEqual(await answers.find([], "preview", ever), new Map());
    await answers.remember(found("a@lid"), ever);
    await answers.remember(found("a@lid", { picture_size: "image", picture_id: "2" }), ever);
    const hidden = {
      outcome: "hidden",
      picture_id: null,
      found_size: null,
      url: null,
      direct_path: null,
    } as const;
    await answers.remember(found("a@lid", hidden), ever);
    const [preview, image] = [
      (await answers.find(["a@lid", "b@lid"], "preview", ever)).get("a@lid"),
      (await answers.find(["a@lid"], "image", ever)).get("a@lid"),
    ];
    assert.partialDeepStrictEqual(preview, { jid: "a@lid", ...hidden });
    assert.partialDeepStrictEqual(image, { outcome: "found", picture_id: "2" });
  });

  it("are found when they are new enough, and go when others come", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const answers = pictureCacheRepository(database, device.id);
    await answers.remember(found("a@lid"), ever);
    await database.updateTable("picture_answers").set({ told_at: "2026-01-01T00:00:00.000Z" }).execute();
    const count = async (after: string) => (await answers.find(["a@lid"], "preview", new Date(after))).size;
    assert.equal(await count("2025-12-31T23:59:59.999Z"), 1);
    assert.equal(await count("2026-01-01T00:00:00.000Z"), 0);
    await answers.remember(found("b@lid"), new Date("2025-12-31"));
    assert.equal(await count("2025-12-31"), 1);
    await answers.remember(found("b@lid"), new Date("2026-01-01"));
    assert.equal(await count("2025-12-31"), 0);
  });

  it("are forgotten under either JID, by kind, or all, and only the device's own", async (t) => {
    const { database, device, userId } = await databaseWithDevice(t);
    const other = pictureCacheRepository(
      database,
      (await deviceRepository(database).create(userId, "Other")).id,
    );
    const answers = pictureCacheRepository(database, device.id);
    const jids = ["1@lid", "2@lid", "1@s.whatsapp.net", "2@s.whatsapp.net", "1@g.us"];
    const left = async (rows = answers) => [...(await rows.find(jids, "preview", ever)).keys()];
    for (const [forget, expected] of [
      [() => answers.forget([]), jids],
      [() => answers.forget(["1@lid", "1@g.us"]), jids.slice(1, 4)],
      [() => answers.forget(["answered@lid"]), jids.slice(0, 4)],
      [() => answers.forgetAllAskedBy("lid"), jids.slice(2)],
      [() => answers.forgetAllAskedBy("number"), ["1@lid", "2@lid", "1@g.us"]],
      [() => answers.clear(), []],
    ] as const) {
      for (const jid of jids)
        for (const rows of [answers, other])
          await rows.remember(found(jid, jid === "1@g.us" ? { jid: "answered@lid" } : {}), ever);
      await forget();
      assert.deepEqual((await left()).sort(), [...expected].sort());
      assert.equal((await left(other)).length, jids.length);
    }
  });

  it("are at most 20,000; the oldest are forgotten first", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const answers = pictureCacheRepository(database, device.id);
    const rows = Array.from({ length: 20_000 }, (_, index) => ({
      ...found(`asked-${index}`),
      device_id: device.id,
      told_at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
    }));
    for (let start = 0; start < rows.length; start += 1_000)
      await database
        .insertInto("picture_answers")
        .values(rows.slice(start, start + 1_000))
        .execute();
    await answers.remember(found("new"), ever);
    const kept = await answers.find(["asked-0", "asked-1", "new"], "preview", ever);
    assert.deepEqual([...kept.keys()].sort(), ["asked-1", "new"]);
    const count = await database
      .selectFrom("picture_answers")
      .select(({ fn }) => fn.countAll<number>().as("n"))
      .executeTakeFirst();
    assert.equal(Number(count?.n), 20_000);
  });

  it("go with their device, and with time for all devices", async (t) => {
    const { database, device, userId } = await databaseWithDevice(t);
    const second = await deviceRepository(database).create(userId, "Second");
    for (const { id } of [device, second])
      await pictureCacheRepository(database, id).remember(found("a@lid"), ever);
    const left = async () =>
      (await database.selectFrom("picture_answers").select("device_id").execute()).length;
    await deviceRepository(database).delete(device.id);
    assert.equal(await left(), 1);
    await deleteExpiredPictureAnswers(database, ever);
    assert.equal(await left(), 1);
    await deleteExpiredPictureAnswers(database, new Date());
    assert.equal(await left(), 0);
  });
});
