import type { DeviceState, DeviceUpdate, Device as DeviceView, NewDevice } from "@wuts/contract";
import PQueue from "p-queue";
import type { Logger } from "pino";
import type { Caller } from "../caller.ts";
import { Failure } from "../failures.ts";
import { changeFor } from "../storage/change-for.ts";
import { contactsIn } from "../storage/contacts.ts";
import { credentialsIn } from "../storage/credentials.ts";
import type { Database } from "../storage/database.ts";
import { type DeviceChanges, type DeviceRows, devicesIn } from "../storage/devices.ts";
import type { KeyRing } from "../storage/key-ring.ts";
import { forgetPictureAnswers, pictureAnswersIn } from "../storage/picture-answers.ts";
import type { PictureFiles } from "../storage/picture-files.ts";
import { creationOf, type Page, type Position, pageOf } from "../storage/position.ts";
import { registrationsIn } from "../storage/registrations.ts";
import type { DeviceRow } from "../storage/tables.ts";
import { readTogether } from "../storage/turns.ts";
import { storedKeys } from "../whatsapp/stored-auth.ts";
import { AppState } from "./app-state.ts";
import { BlockList } from "./block-list.ts";
import { ContactNotes } from "./contact-notes.ts";
import { ContactProfiles } from "./contact-profiles.ts";
import { Contacts } from "./contacts.ts";
import { Device } from "./device.ts";
import { Identities } from "./identities.ts";
import type { LinkOptions } from "./link.ts";
import { PictureAnswers } from "./picture-answers.ts";
import { PictureBatches, type PictureBatchesOptions } from "./picture-batches.ts";
import { PictureChanges } from "./picture-changes.ts";
import { PictureImages } from "./picture-images.ts";
import { ProfilePictures } from "./profile-pictures.ts";
import { Queries } from "./queries.ts";
import { RegisteredNumbers } from "./registered-numbers.ts";
import { Restore } from "./restore.ts";
import type { SquarePictures } from "./square-pictures.ts";
import { countByState, restingState } from "./states.ts";
import { deviceView } from "./views.ts";

export interface DevicesOptions extends LinkOptions {
  /** How long requests wait for a device that is on its way to a connection, in milliseconds; 0: not at all. */
  readonly reconnectPatienceMs: number;
  readonly restoreConcurrency: number;
  readonly queries: { readonly concurrency: number; readonly maxWaiting: number };
  /** How requests for many pictures are answered. */
  readonly pictures: Omit<PictureBatchesOptions, "concurrency">;
  /** For how long what WhatsApp said of a picture is answered again; 0: not at all. */
  readonly pictureAnswersSeconds: number;
  /** How many contacts are kept for a device. */
  readonly contactsPerDevice: number;
  readonly squarePictures: SquarePictures;
  /** How large a picture may be. */
  readonly maxPictureBytes: number;
  /** Told of each request that reaches a device, which it may refuse by throwing a Failure. */
  readonly countRequest: (caller: Caller, deviceId: string) => Promise<void>;
}

/** A device that can be asked, and what it can be asked for. */
export interface LiveDevice {
  readonly device: Device;
  readonly queries: Queries;
  readonly pictures: ProfilePictures;
  readonly pictureBatches: PictureBatches;
  readonly pictureChanges: PictureChanges;
  readonly images: PictureImages;
  readonly profiles: ContactProfiles;
  readonly numbers: RegisteredNumbers;
  readonly blockList: BlockList;
  readonly contacts: Contacts;
  readonly appState: AppState;
}

/** A device that has no connection any more, and will have none. */
export interface RetiredDevice {
  readonly id: string;
  /** Whether WhatsApp confirmed the unlinking. */
  readonly unlinked: boolean;
}

/** How the devices in memory are, together. */
export interface DeviceFigures {
  readonly byState: Readonly<Record<DeviceState, number>>;
  /** Of their queries. */
  readonly waiting: number;
  readonly running: number;
}

/** Deletes devices that are retired, in one transaction. */
export type Removal<Result> = (retired: readonly RetiredDevice[]) => Promise<Result>;

/** All devices of this server: each at most once in memory, handed out to those only who may work with it. */
export class Devices {
  readonly #database: Database;
  readonly #keyRing: KeyRing;
  readonly #files: PictureFiles;
  readonly #options: DevicesOptions;
  readonly #log: Logger;
  readonly #live = new Map<string, LiveDevice>();
  readonly #owned: (userId: string) => Promise<readonly DeviceRow[] | undefined>;
  readonly #firstDevices = new PQueue({ concurrency: 1 });
  readonly #restore: Restore;
  readonly #retiring = new PQueue({ concurrency: 8 });
  /** Aborted when no request is to wait any more for a device to be connected. */
  readonly #impatience = new AbortController();
  /** Aborted when the server stops. */
  readonly #stopping = new AbortController();

  constructor(
    database: Database,
    keyRing: KeyRing,
    files: PictureFiles,
    options: DevicesOptions,
    log: Logger,
  ) {
    this.#database = database;
    this.#keyRing = keyRing;
    this.#files = files;
    this.#options = options;
    this.#log = log;
    this.#owned = readTogether(async (userIds) => {
      const rows = devicesIn(database);
      const all = userIds.map(async (id) => [id, await rows.listOwned(id, maxCandidates)] as const);
      return new Map(await Promise.all(all));
    });
    this.#restore = new Restore(
      {
        concurrency: options.restoreConcurrency,
        jitterMs: restoreJitterMs,
        stopping: this.#stopping.signal,
      },
      log,
    );
  }

  /** @throws Failure Unauthorized when the caller's token has stopped working */
  async create(caller: Caller, device: NewDevice): Promise<DeviceView> {
    return this.#view(await this.#create(caller, device));
  }

  /** @returns one page of the caller's devices, and where the next one starts */
  async list(caller: Caller, limit: number, after: Position | undefined): Promise<Page<DeviceView>> {
    const rows = await devicesIn(this.#database).listOwned(caller.userId, limit + 1, after);
    return pageOf(rows, limit, (row) => this.#view(row), creationOf);
  }

  /**
   * Picks a device: the named one, which managers and admins may name of anybody in their tenant; else the caller's
   * only one, else their only connected one.
   * @throws Failure DeviceNotFound, DeviceAmbiguous, RateLimited
   */
  async forCaller(caller: Caller, deviceId: string | undefined): Promise<LiveDevice> {
    const live = await this.#pick(caller, deviceId);
    await this.#options.countRequest(caller, live.device.id);
    return live;
  }

  /**
   * As `forCaller`, for what takes a connection: one that is about to come is waited for.
   * @param closed aborted when nobody waits for the answer any more
   * @throws Failure as `forCaller`, DeviceNotPaired, DeviceNotReady, DeviceBusy; the reason of `closed`
   */
  async readyForCaller(
    caller: Caller,
    deviceId: string | undefined,
    closed: AbortSignal,
  ): Promise<LiveDevice> {
    const live = await this.forCaller(caller, deviceId);
    await live.device.untilReady(closed);
    return live;
  }

  async #pick(caller: Caller, deviceId: string | undefined): Promise<LiveDevice> {
    if (deviceId !== undefined) return this.#bring(await find(devicesIn(this.#database), caller, deviceId));
    const owned = (await this.#owned(caller.userId)) ?? [];
    const [first] = owned;
    if (!first) throw new Failure("DeviceNotFound", { message: "you have no device yet; GET /qr makes one" });
    if (owned.length === 1) return this.#bring(first);
    const connected = [...this.#live.values()].filter(
      ({ device }) => device.userId === caller.userId && device.state === "connected",
    );
    const [only] = connected;
    if (only && connected.length === 1) return only;
    const candidates = owned.map((row) => row.id);
    throw new Failure("DeviceAmbiguous", {
      message: `several devices could be meant; choose one with device_id: ${candidates.join(", ")}`,
      candidates,
    });
  }

  /** Picks the device to pair. A caller who has none and names none gets one. @throws Failure as `forCaller` */
  async forPairing(caller: Caller, deviceId: string | undefined): Promise<LiveDevice> {
    if (deviceId !== undefined) return this.forCaller(caller, deviceId);
    return this.#firstDevices.add(async () => {
      const rows = devicesIn(this.#database);
      const [any] = await rows.listOwned(caller.userId, 1);
      if (any) return this.forCaller(caller, undefined);
      const { id } = await this.#create(caller, { name: "Device 1" });
      return this.forCaller(caller, id);
    });
  }

  /**
   * Changes a device. What is not given stays; a new pace counts at once.
   * @throws Failure DeviceNotFound, RateLimited, Unauthorized when the caller's token has stopped working
   */
  async update(caller: Caller, deviceId: string, update: DeviceUpdate): Promise<DeviceView> {
    const { device, pictureBatches } = await this.forCaller(caller, deviceId);
    await device.change(() =>
      changeFor(this.#database, caller, async ({ transaction, caller: callerNow, record }) => {
        const rows = devicesIn(transaction);
        const row = await find(rows, callerNow, deviceId);
        const changes = changesOf(row, update);
        const fields = Object.keys(changes);
        if (fields.length === 0) return undefined;
        await rows.update(deviceId, changes);
        const details = { user_id: row.user_id, fields };
        await record({ action: "device.updated", target: { type: "device", id: deviceId }, details });
        return changes;
      }),
    );
    pictureBatches.followDevice();
    return device.view();
  }

  /**
   * Unlinks and removes a device.
   * @returns whether WhatsApp confirmed the unlinking
   * @throws Failure DeviceNotFound, RateLimited
   */
  async delete(caller: Caller, deviceId: string): Promise<boolean> {
    const row = await find(devicesIn(this.#database), caller, deviceId);
    await this.#options.countRequest(caller, row.id);
    return this.#retire([row], ([retired]) =>
      changeFor(this.#database, caller, async ({ transaction, record }) => {
        if (!(await devicesIn(transaction).delete(deviceId))) throw new Failure("DeviceNotFound");
        const unlinked = retired?.unlinked ?? false;
        const details = { user_id: row.user_id, unlinked };
        await record({ action: "device.deleted", target: { type: "device", id: deviceId }, details });
        return unlinked;
      }),
    );
  }

  /**
   * Ends the connections of all devices of a user and unlinks them, as far as WhatsApp can be asked; then they are to be
   * deleted. The user must be disabled before, so that no further device comes.
   */
  async retireOwned<Result>(userId: string, remove: Removal<Result>): Promise<Result> {
    return this.#retire(await devicesIn(this.#database).listAllOwned(userId), remove);
  }

  /** As `retireOwned`, for all users of a tenant. */
  async retireInTenant<Result>(tenantId: string, remove: Removal<Result>): Promise<Result> {
    return this.#retire(await devicesIn(this.#database).listAllInTenant(tenantId), remove);
  }

  figures(): DeviceFigures {
    const all = [...this.#live.values()];
    const byState = countByState(all.map(({ device }) => device.state));
    const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);
    return {
      byState,
      waiting: sum(all.map(({ queries }) => queries.waiting)),
      running: sum(all.map(({ queries }) => queries.running)),
    };
  }

  /** Whether there may be devices that `restore` has not yet tried to connect. */
  get isRestoring(): boolean {
    return !this.#restore.isOver;
  }

  /** Connects every paired device, some at a time. Resolves when each has been tried once. */
  async restore(): Promise<void> {
    await this.#tidyFiles();
    await this.#forgetOldAnswers();
    await this.#restore.run(
      () => devicesIn(this.#database).listToRestore(),
      (row) => this.#restoreOne(row),
    );
  }

  /** From now on no request waits for a device to be connected. */
  endWaiting(): void {
    this.#impatience.abort();
  }

  /** Ends all connections without unlinking; nothing can be opened afterwards. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#live.values()].map(({ device }) => device.stop()));
    await this.#files.stop();
  }

  #create(caller: Caller, { name, picture_pace_per_minute }: NewDevice): Promise<DeviceRow> {
    return changeFor(this.#database, caller, async ({ transaction, record }) => {
      const row = await devicesIn(transaction).create(caller.userId, name, picture_pace_per_minute);
      const details = { user_id: caller.userId };
      await record({ action: "device.created", target: { type: "device", id: row.id }, details });
      return row;
    });
  }

  /** Whoever asks for one of the devices meanwhile gets the one that opens nothing any more. */
  async #retire<Result>(rows: readonly DeviceRow[], remove: Removal<Result>): Promise<Result> {
    const lives = rows.map((row) => this.#bring(row));
    const unlinkUntil = performance.now() + maxRetireMs;
    try {
      const retired = await this.#retiring.addAll(
        lives.map(({ device }) => async () => ({
          id: device.id,
          unlinked: await device.retire(performance.now() < unlinkUntil),
        })),
      );
      const removed = await remove(retired);
      await this.#tidyFiles();
      return removed;
    } finally {
      for (const { id } of rows) this.#live.delete(id);
    }
  }

  /** Files that nothing refers to take room, and do no other harm. */
  async #tidyFiles(): Promise<void> {
    await this.#files.tidy().catch((error: unknown) => {
      this.#log.error({ err: error }, "the pictures that are kept could not be tidied");
    });
  }

  /** Of devices, too, that nobody asks any more. What is too old is answered to nobody in any case. */
  async #forgetOldAnswers(): Promise<void> {
    const oldest = new Date(Date.now() - this.#options.pictureAnswersSeconds * 1000);
    await forgetPictureAnswers(this.#database, oldest).catch((error: unknown) => {
      this.#log.error({ err: error }, "old answers about pictures could not be forgotten");
    });
  }

  /** @returns whether it is connected */
  async #restoreOne(row: DeviceRow): Promise<boolean> {
    const { device } = this.#bring(row);
    try {
      await device.restore(restingState(row.standing));
    } catch (error) {
      this.#log.warn({ device_id: row.id, err: error }, "a device could not be restored at once");
    }
    return device.state === "connected";
  }

  #bring(row: DeviceRow): LiveDevice {
    const known = this.#live.get(row.id);
    if (known) return known;
    const credentials = credentialsIn(this.#database, this.#keyRing, row.id, (error) => {
      this.#log.error({ device_id: row.id, err: error }, "a stored secret of the device cannot be read");
    });
    const { contactsPerDevice } = this.#options;
    const contacts = contactsIn(this.#database, row.id, contactsPerDevice);
    const log = this.#log.child({ device_id: row.id });
    const notes = new ContactNotes(contacts, 2 * contactsPerDevice, log);
    const registrations = registrationsIn(this.#database, row.id);
    const identities = new Identities(contacts, registrations, storedKeys(credentials));
    const told = pictureAnswersIn(this.#database, row.id);
    const answers = new PictureAnswers(told, identities, this.#options.pictureAnswersSeconds, log);
    const rows = devicesIn(this.#database);
    const forgetPictures = () => this.#files.forget(row.id);
    const patience = {
      ms: this.#options.reconnectPatienceMs,
      // As many as it takes when it is connected.
      mostWaiting: this.#options.queries.concurrency + this.#options.queries.maxWaiting,
      over: this.#impatience.signal,
    };
    const device = new Device(
      row,
      { ...this.#options, patience },
      rows,
      credentials,
      notes,
      answers,
      forgetPictures,
      this.#log,
    );
    const queries = new Queries(device, {
      ...this.#options.queries,
      timeoutMs: this.#options.whatsapp.timeoutMs,
      events: this.#options.events,
    });
    const numbers = new RegisteredNumbers(device, queries, registrations);
    const pictures = new ProfilePictures(device, queries, registrations, answers);
    const live: LiveDevice = {
      device,
      queries,
      pictures,
      pictureBatches: new PictureBatches(device, pictures, {
        ...this.#options.pictures,
        // The other half is for those who ask for one thing.
        concurrency: Math.max(1, Math.floor(this.#options.queries.concurrency / 2)),
      }),
      pictureChanges: new PictureChanges(device, queries, answers, this.#options.squarePictures),
      images: new PictureImages(device, queries, pictures, this.#files, {
        whatsappUrl: this.#options.whatsapp.url,
        maxBytes: this.#options.maxPictureBytes,
        signal: this.#stopping.signal,
      }),
      profiles: new ContactProfiles(device, queries, registrations, identities),
      numbers,
      blockList: new BlockList(device, queries, numbers, identities),
      contacts: new Contacts(device, contacts, notes, identities, numbers),
      appState: new AppState(device, queries, contacts, notes),
    };
    this.#live.set(row.id, live);
    return live;
  }

  #view(row: DeviceRow): DeviceView {
    return this.#live.get(row.id)?.device.view() ?? deviceView(row, restingState(row.standing));
  }
}

/** @returns the device that the caller may work with @throws Failure DeviceNotFound */
async function find(rows: DeviceRows, caller: Caller, deviceId: string): Promise<DeviceRow> {
  const row = await (caller.role === "user"
    ? rows.findOwned(caller.userId, deviceId)
    : rows.findInTenant(caller.tenantId, deviceId));
  if (!row) throw new Failure("DeviceNotFound");
  return row;
}

/** @returns what of the update is not so already */
function changesOf(
  row: DeviceRow,
  { name = row.name, picture_pace_per_minute: pace }: DeviceUpdate,
): DeviceChanges {
  return {
    ...(name !== row.name && { name }),
    ...(pace !== undefined && pace !== row.picture_pace_per_minute && { picture_pace_per_minute: pace }),
  };
}

/** So that the first ones do not log in in the same instant: little, compared with what a login takes. */
const restoreJitterMs = 250;

/** How long WhatsApp is asked to unlink devices of a user or a tenant; those that are left then are ended without it. */
const maxRetireMs = 30_000;

/** How many ids an ambiguous choice names at the most. */
const maxCandidates = 20;
