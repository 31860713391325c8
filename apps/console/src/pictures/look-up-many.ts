import type { LookedUpPicture, Wuts } from "@wuts/client";

export interface ManyOptions {
  readonly targets: readonly string[];
  readonly device_id: string;
  readonly signal: AbortSignal;
  onOutcome(target: string, outcome: LookedUpPicture): void;
}

/**
 * Looks up pictures in batches of the contract's maximum, one request after the other.
 * @throws WutsError when a whole request fails; `ABORTED` when `signal` is aborted
 */
export async function lookUpMany(wuts: Wuts, options: ManyOptions): Promise<void> {
  const { targets, device_id, signal, onOutcome } = options;
  for (let start = 0; start < targets.length; start += batchSize) {
    const batch = targets.slice(start, start + batchSize);
    const jids = batch.filter((target) => target.includes("@"));
    const numbers = batch.filter((target) => !target.includes("@"));
    const named = jids.length === 0 ? { numbers } : { jids, ...(numbers.length > 0 && { numbers }) };
    const lines = wuts.contacts.lookUpProfilePicturesStream({ ...named, device_id }, { signal });
    for await (const { item } of lines) if (item) onOutcome(item.input, item);
  }
}

/** The contract's limit of targets in one request. */
const batchSize = 200;
