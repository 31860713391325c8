import { aesDecrypt, aesEncrypt, proto, toNumber } from "@whiskeysockets/baileys";
import { emptyHash, ltHash } from "./lt-hash.ts";
import {
  type AppStateKey,
  indexMacOf,
  type MutationKeys,
  mutationKeys,
  type Operation,
  patchMacOf,
  snapshotMacOf,
  valueMacOf,
} from "./mutation-keys.ts";

export const COLLECTIONS = [
  "critical_block",
  "critical_unblock_low",
  "regular_high",
  "regular_low",
  "regular",
] as const;

export type CollectionName = (typeof COLLECTIONS)[number];

/** A change in plain text, e.g. of index `["contact", "5511999999999@s.whatsapp.net"]`. */
export interface Mutation {
  readonly operation: Operation;
  readonly index: readonly string[];
  readonly value: proto.ISyncActionValue;
  /** Of the action; WhatsApp counts it for each kind. */
  readonly version: number;
}

/** A record as the server keeps it, and as the phone reads it. */
export interface AppStateRecord {
  /** Ciphertext and value MAC. */
  readonly blob: Buffer;
  readonly index: readonly string[];
  readonly value: proto.ISyncActionValue;
}

/** A patch as the server keeps it, encoded with its version. */
export interface StoredPatch {
  readonly version: number;
  readonly bytes: Buffer;
}

/** What the phone once uploaded, encoded; patches go on from there. */
interface StoredSnapshot {
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** A client's patch is not valid. */
export class PatchRejected extends Error {
  override readonly name = "PatchRejected";
}

/** A client that lags behind by more gets a snapshot. */
const PATCHES_KEPT = 500;
/** The phone makes a new snapshot when the last one is older than so many patches, or than a client wants to read. */
const PATCHES_BEHIND_SNAPSHOT = 50;
/** Sent as they were to a client that has nothing; a longer history is shortened. */
const PATCHES_REPLAYED = 50;
/** A collection that changed more often than that needs a file. */
const LONGEST_SHORT_HISTORY = 2_000;
const MOST_RECORDS = 10_000;
const MAC_LENGTH = 32;

/** One collection of an account's app state: what the server keeps of it, and the phone's key to read it. */
export class Collection {
  readonly name: CollectionName;
  version = 0;
  hash: Buffer = emptyHash();
  /** By index MAC, base64. */
  readonly records = new Map<string, AppStateRecord>();
  /** Oldest first. */
  readonly patches: StoredPatch[] = [];
  readonly #key: AppStateKey;
  readonly #keys: MutationKeys;
  #snapshot: StoredSnapshot | undefined;

  constructor(name: CollectionName, key: AppStateKey) {
    this.name = name;
    this.#key = key;
    this.#keys = mutationKeys(key);
  }

  /**
   * Makes one patch of the phone's own changes; removing what is not there is none.
   * @returns false when there was nothing to change.
   * @throws Error when the collection is full.
   */
  write(mutations: readonly Mutation[]): boolean {
    const sealed = mutations.map((mutation) => this.#seal(mutation));
    const effective = sealed.filter(
      ({ operation, indexMac }) => operation === "set" || this.records.has(indexMac),
    );
    if (effective.length === 0) return false;
    this.#apply(effective);
    this.#keep(
      this.#patch(effective.map(({ operation, indexMac, blob }) => ({ operation, indexMac, blob }))),
    );
    return true;
  }

  /**
   * Takes a client's patch, of a client that is at this version.
   * @returns its changes, and whether its snapshot MAC agrees with what the collection has become.
   * @throws PatchRejected when it is not authentic, or the collection is full.
   */
  accept(bytes: Uint8Array): { mutations: readonly Mutation[]; agrees: boolean } {
    const patch = decodePatch(bytes);
    const opened = patch.mutations.map((mutation) => this.#open(mutation));
    const version = this.version + 1;
    const macs = opened.map(({ blob }) => macOf(blob));
    const right = patchMacOf(patch.snapshotMac ?? Buffer.alloc(0), macs, version, this.name, this.#keys);
    if (!right.equals(patch.patchMac ?? Buffer.alloc(0))) throw new PatchRejected("the patch MAC is wrong");
    this.#apply(opened);
    patch.version = { version };
    this.#keep(Buffer.from(proto.SyncdPatch.encode(patch).finish()));
    const agrees = this.#snapshotMac().equals(patch.snapshotMac ?? Buffer.alloc(0));
    return { mutations: opened, agrees };
  }

  /** The patches behind a version, or undefined when they are not kept any more. */
  since(version: number): readonly StoredPatch[] | undefined {
    const missing = this.patches.filter((patch) => patch.version > version);
    return version <= this.version && missing.length === this.version - version ? missing : undefined;
  }

  /**
   * Every version from 1 on as a patch, for a client that has nothing, without a file on the CDN. Versions follow each
   * other without a gap, which zapo insists on (src/appstate/sync/WaAppStateSyncClient.ts applyPatch). A short history is
   * sent as it was. Of a longer one, and of one with a client's patch whose LT-hash was wrong, the first patch has all
   * records that there are now, and the others change nothing: the LT-hash depends on the records alone, so that every
   * MAC is right.
   * @returns undefined for a history that is too long even so.
   */
  history(): readonly Buffer[] | undefined {
    const real = this.since(0);
    if (real && real.length <= PATCHES_REPLAYED && this.#agree(real)) return real.map(({ bytes }) => bytes);
    if (this.version > LONGEST_SHORT_HISTORY) return undefined;
    const all = [...this.records].map(
      ([indexMac, { blob }]) => ({ operation: "set", indexMac, blob }) as const,
    );
    return Array.from({ length: this.version }, (_, index) => this.#patch(index === 0 ? all : [], index + 1));
  }

  /** The last snapshot that the phone made, and the patches behind it, at most 50: together they are the collection. */
  snapshot(): { readonly bytes: Uint8Array; readonly patches: readonly Buffer[] } {
    const known = this.#snapshot;
    const behind = known && this.since(known.version);
    if (known && behind && behind.length <= PATCHES_BEHIND_SNAPSHOT)
      return { bytes: known.bytes, patches: behind.map(({ bytes }) => bytes) };
    const bytes = this.#encodeSnapshot();
    this.#snapshot = { version: this.version, bytes };
    return { bytes, patches: [] };
  }

  /** Puts a saved record back. @throws PatchRejected when it was not made with this key. */
  restore(indexMac: string, blob: Buffer): void {
    const { index, value } = this.#read("set", blob);
    this.records.set(indexMac, { blob, index, value });
  }

  #apply(sealed: readonly SealedMutation[]): void {
    const removed: Buffer[] = [];
    const added: Buffer[] = [];
    const fresh = sealed.filter(
      ({ operation, indexMac }) => operation === "set" && !this.records.has(indexMac),
    );
    if (this.records.size + fresh.length > MOST_RECORDS) throw new PatchRejected(`${this.name} is full`);
    for (const { operation, indexMac, blob, index, value } of sealed) {
      const known = this.records.get(indexMac);
      if (known) removed.push(macOf(known.blob));
      if (operation === "set") {
        added.push(macOf(blob));
        this.records.set(indexMac, { blob, index, value });
      } else this.records.delete(indexMac);
    }
    this.hash = ltHash(this.hash, removed, added);
    this.version += 1;
  }

  #keep(bytes: Buffer): void {
    this.patches.push({ version: this.version, bytes });
    if (this.patches.length > PATCHES_KEPT) this.patches.shift();
  }

  /** Whether the snapshot MACs of all patches from the first one on are what a client will calculate. */
  #agree(patches: readonly StoredPatch[]): boolean {
    const known = new Map<string, Buffer>();
    let hash = emptyHash();
    return patches.every(({ version, bytes }) => {
      const { mutations, snapshotMac } = proto.SyncdPatch.decode(bytes);
      const removed: Buffer[] = [];
      const added: Buffer[] = [];
      for (const { operation, record } of mutations) {
        const index = Buffer.from(record?.index?.blob ?? []).toString("base64");
        const before = known.get(index);
        if (before) removed.push(before);
        known.delete(index);
        if (operation === OPERATIONS.remove) continue;
        const mac = macOf(Buffer.from(record?.value?.blob ?? []));
        added.push(mac);
        known.set(index, mac);
      }
      hash = ltHash(hash, removed, added);
      return snapshotMacOf(hash, version, this.name, this.#keys).equals(snapshotMac ?? Buffer.alloc(0));
    });
  }

  /** A `SyncdSnapshot` of what there is now. */
  #encodeSnapshot(): Uint8Array {
    const keyId = { id: this.#key.id };
    return proto.SyncdSnapshot.encode({
      version: { version: this.version },
      records: [...this.records].map(([indexMac, { blob }]) => ({
        index: { blob: Buffer.from(indexMac, "base64") },
        value: { blob },
        keyId,
      })),
      mac: this.#snapshotMac(),
      keyId,
    }).finish();
  }

  #snapshotMac(version = this.version): Buffer {
    return snapshotMacOf(this.hash, version, this.name, this.#keys);
  }

  /** @param version that the patch leads to, with the records that there are now. */
  #patch(
    mutations: readonly Pick<SealedMutation, "operation" | "indexMac" | "blob">[],
    version = this.version,
  ): Buffer {
    const keyId = { id: this.#key.id };
    const snapshotMac = this.#snapshotMac(version);
    const macs = mutations.map(({ blob }) => macOf(blob));
    return Buffer.from(
      proto.SyncdPatch.encode({
        version: { version },
        mutations: mutations.map(({ operation, indexMac, blob }) => ({
          operation: OPERATIONS[operation],
          record: { index: { blob: Buffer.from(indexMac, "base64") }, value: { blob }, keyId },
        })),
        snapshotMac,
        patchMac: patchMacOf(snapshotMac, macs, version, this.name, this.#keys),
        keyId,
      }).finish(),
    );
  }

  #seal(mutation: Mutation): SealedMutation {
    const index = Buffer.from(JSON.stringify(mutation.index));
    const { value, version } = mutation;
    const plain = proto.SyncActionData.encode({ index, value, version, padding: Buffer.alloc(0) }).finish();
    const ciphertext = aesEncrypt(plain, this.#keys.valueEncryption);
    const mac = valueMacOf(mutation.operation, ciphertext, this.#key.id, this.#keys);
    return {
      ...mutation,
      indexMac: indexMacOf(index, this.#keys).toString("base64"),
      blob: Buffer.concat([ciphertext, mac]),
    };
  }

  #open({ operation, record }: proto.ISyncdMutation): SealedMutation {
    const keyId = Buffer.from(record?.keyId?.id ?? []);
    if (!keyId.equals(this.#key.id)) throw new PatchRejected("an unknown key");
    const kind = operation === OPERATIONS.remove ? "remove" : "set";
    const blob = Buffer.from(record?.value?.blob ?? []);
    const { indexBytes, ...opened } = this.#read(kind, blob);
    const indexMac = indexMacOf(indexBytes, this.#keys);
    if (!indexMac.equals(record?.index?.blob ?? Buffer.alloc(0)))
      throw new PatchRejected("the index MAC is wrong");
    return { ...opened, operation: kind, blob, indexMac: indexMac.toString("base64") };
  }

  #read(operation: Operation, blob: Buffer): Omit<Mutation, "operation"> & { indexBytes: Buffer } {
    const ciphertext = blob.subarray(0, -MAC_LENGTH);
    if (!valueMacOf(operation, ciphertext, this.#key.id, this.#keys).equals(macOf(blob)))
      throw new PatchRejected("a value MAC is wrong");
    const data = proto.SyncActionData.decode(aesDecrypt(ciphertext, this.#keys.valueEncryption));
    const indexBytes = Buffer.from(data.index ?? []);
    const index = parseJson(indexBytes);
    if (!Array.isArray(index) || !index.every((part) => typeof part === "string"))
      throw new PatchRejected("an index is not a list of texts");
    return { index, indexBytes, value: data.value ?? {}, version: toNumber(data.version ?? 0) };
  }
}

interface SealedMutation extends Mutation {
  /** Base64. */
  readonly indexMac: string;
  readonly blob: Buffer;
}

const OPERATIONS = {
  set: proto.SyncdMutation.SyncdOperation.SET,
  remove: proto.SyncdMutation.SyncdOperation.REMOVE,
} as const;

function decodePatch(bytes: Uint8Array): proto.SyncdPatch {
  try {
    const patch = proto.SyncdPatch.decode(bytes);
    // It would be a file that the client uploaded, and media is not simulated.
    if (!patch.externalMutations) return patch;
  } catch (cause) {
    throw new PatchRejected("not a patch", { cause });
  }
  throw new PatchRejected("its changes are elsewhere");
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw new PatchRejected("an index is no JSON", { cause });
  }
}

function macOf(blob: Buffer): Buffer {
  return blob.subarray(-MAC_LENGTH);
}
