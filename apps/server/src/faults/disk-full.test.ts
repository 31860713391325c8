import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, type TestContext } from "vitest";
import { assertRefused, dataOf, textAt } from "../test-support/call.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { startPairedProcess } from "../test-support/processes/paired-process.ts";
import { temporaryFolder } from "../test-support/processes/server-process.ts";
import { limitedDisk, type SmallDisk, smallDisk } from "../test-support/processes/small-disk.ts";
import { nextEvent, until } from "../test-support/until.ts";

const fault = faultsOf("The disk is full");

describe("A server whose disk is full", () => {
  fault("where the data are", async (test, notes) => surviveFullDisk(test, notes, await smallDisk(test)));

  fault("as far as the process may write", async (test, notes) =>
    surviveFullDisk(test, notes, limitedDisk(await temporaryFolder(test))),
  );
});

async function surviveFullDisk(test: TestContext, notes: FaultNotes, disk: SmallDisk): Promise<void> {
  const world = await startPairedProcess(test, disk.folder);
  const { simulator, server, friend, device } = world;
  const image = `/contacts/profile-picture/image?number=${friend.phone}&device_id=${device}`;
  // One picture is kept already; it stays readable.
  const bytesOf = (url: string) => fetch(url).then((answer) => answer.bytes());
  assert.equal((await world.ask(image)).status, 200);

  // SQLite writes over what it has written to its log before; without a log it needs room at once.
  const database = new DatabaseSync(join(world.dataDir, "wuts.sqlite"), { timeout: 5_000 });
  database.exec("pragma wal_checkpoint(truncate)");
  database.close();
  await disk.fill(server.pid);
  assertRefused(notes.answer(await world.createDevice()), 503, "STORAGE_UNAVAILABLE");
  assertRefused(await world.ask("/health/ready"), 503, "SERVER_NOT_READY");
  const listed = await world.ask("/devices?limit=1");
  dataOf(notes.answer(listed));
  friend.setPicture({ id: "1700000001" });
  // A message arrives whose keys cannot be stored: it is not acknowledged, and comes again.
  const gaveUp = nextEvent(simulator.events, "disconnected");
  const reading = world.read();
  await gaveUp;
  const picture = notes.answer(await world.ask(image));
  assert.equal(picture.status, 503);
  dataOf(await world.ask("/health/live"));

  await disk.free(server.pid);
  await reading;
  const status = await world.untilState("connected");
  await until("the server to be ready", async () => {
    const { status: ready } = await world.ask("/health/ready");
    return { found: ready === 200 || undefined, seen: ready };
  });
  dataOf(await world.createDevice(), 201);
  const url = textAt(dataOf(await world.look()), "url");
  assert.equal((await world.ask(image)).status, 200);
  // What is kept is whole, and nothing else is there.
  const folder = join(world.dataDir, "pictures");
  const names = await readdir(folder);
  const hashes = await Promise.all(names.map(async (name) => hashOf(await readFile(join(folder, name)))));
  assert.deepEqual(names, hashes);
  assert.ok(hashes.includes(hashOf(await bytesOf(url))));
  notes.end(status, `by itself, when there was room (${disk.kind})`);
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
