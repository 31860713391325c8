import type { DeviceCredentials, KeyChange } from "./credentials.repository.ts";

/** What a key is, as JSON text; `undefined`: there is none. */
type Known = string | undefined;

/**
 * Remembers the keys that are looked for at each question about a person, so that they need not be read and decrypted each
 * time. For one connection, which is the only one that changes them.
 */
export class RecentKeys implements Pick<DeviceCredentials, "readKeys"> {
  readonly #credentials: Pick<DeviceCredentials, "readKeys">;
  /** By type and id, the ones that were read or changed first at the front. */
  readonly #known = new Map<string, Known>();
  /** Another one whenever a key is changed: what was read before that is not remembered. */
  #moment = 0;

  constructor(credentials: Pick<DeviceCredentials, "readKeys">) {
    this.#credentials = credentials;
  }

  async readKeys(type: string, ids: readonly string[]): Promise<{ id: string; value: string }[]> {
    if (!remembered.has(type)) return this.#credentials.readKeys(type, ids);
    const unknown = ids.filter((id) => !this.#known.has(placeOf(type, id)));
    const moment = this.#moment;
    const read = unknown.length === 0 ? [] : await this.#credentials.readKeys(type, unknown);
    const values = new Map(read.map(({ id, value }) => [id, value]));
    if (moment === this.#moment) for (const id of unknown) this.#keep(type, id, values.get(id));
    return ids.flatMap((id) => {
      const value = values.get(id) ?? this.#known.get(placeOf(type, id));
      return value === undefined ? [] : [{ id, value }];
    });
  }

  /** To be told of changes when they are written, and before anybody else is. */
  changed(changes: readonly KeyChange[]): void {
    this.#moment += 1;
    for (const { type, id } of changes) this.#known.delete(placeOf(type, id));
  }

  forgetAll(): void {
    this.#moment += 1;
    this.#known.clear();
  }

  #keep(type: string, id: string, value: Known): void {
    this.#known.set(placeOf(type, id), value);
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
  }
}

function placeOf(type: string, id: string): string {
  return `${type} ${id}`;
}

/** Which LID a number has, and the token that somebody gave; of others there are few questions, or large answers. */
const remembered: ReadonlySet<string> = new Set(["lid-mapping", "tctoken"]);

/** A few hundred kilobytes for a device that is asked for that many people, next to nothing for one that is idle. */
const most = 2_000;
