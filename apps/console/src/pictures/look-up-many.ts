import type { LookedUpPicture, Wuts } from "@wuts/client";

export interface ManyOptions {
  readonly targets: readonly string[];
  readonly device_id: string;
  readonly signal: AbortSignal;
  onOutcome(target: string, outcome: LookedUpPicture): void;
}

/**
 * Looks pictures up as many at a time as the server takes, one request after the other.
 * @throws WutsError what keeps all of them from being found, `ABORTED` when it is stopped
 */
export async function lookUpMany(wuts: Wuts, options: ManyOptions): Promise<void> {
  const { targets, device_id, signal, onOutcome } = options;
  for (let start = 0; start < targets.length; start += mostAtOnce) {
    const batch = targets.slice(start, start + mostAtOnce);
    const jids = batch.filter((target) => target.includes("@"));
    const numbers = batch.filter((target) => !target.includes("@"));
    const named = { ...(jids.length > 0 && { jids }), ...(numbers.length > 0 && { numbers }) };
    const lines = wuts.contacts.lookUpProfilePicturesStream({ ...named, device_id }, { signal });
    for await (const { item } of lines) if (item) onOutcome(item.input, item);
  }
}

const mostAtOnce = 200;
