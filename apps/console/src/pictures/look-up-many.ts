import { type LookedUpPicture, type Wuts, WutsError } from "@wuts/client";

/** How somebody's look-up came out; `invalid`: the server takes this for no number or JID. */
export type Outcome = LookedUpPicture | "invalid";

export interface ManyOptions {
  readonly people: readonly string[];
  readonly device_id: string;
  readonly signal: AbortSignal;
  onOutcome(person: string, outcome: Outcome): void;
}

/**
 * Looks pictures up as many at a time as the server takes, one request after the other. People whom the server refuses are
 * left out, and the others are asked for again.
 * @throws WutsError what keeps all of them from being found, `ABORTED` when it is stopped
 */
export async function lookUpMany(wuts: Wuts, options: ManyOptions): Promise<void> {
  const { people, device_id, signal, onOutcome } = options;
  for (let start = 0; start < people.length; start += mostAtOnce) {
    const batch = new Set(people.slice(start, start + mostAtOnce));
    while (batch.size > 0) {
      const jids = [...batch].filter((person) => person.includes("@"));
      const numbers = [...batch].filter((person) => !person.includes("@"));
      const named = { ...(jids.length > 0 && { jids }), ...(numbers.length > 0 && { numbers }) };
      try {
        for await (const { item } of wuts.contacts.lookUpProfilePicturesStream(
          { ...named, device_id },
          { signal },
        )) {
          if (!item) continue;
          batch.delete(item.input);
          onOutcome(item.input, item);
        }
        break;
      } catch (error) {
        const refused = refusedIn(error, { jids, numbers });
        if (refused.length === 0) throw error;
        for (const person of refused) {
          batch.delete(person);
          onOutcome(person, "invalid");
        }
      }
    }
  }
}

/** @returns those whom the server named as not valid: `numbers.3` is the fourth of the numbers */
function refusedIn(error: unknown, asked: { readonly jids: string[]; readonly numbers: string[] }): string[] {
  if (!(error instanceof WutsError) || error.code !== "VALIDATION_ERROR") return [];
  return error.validation.flatMap(({ field }) => {
    const [, list, index] = /^(jids|numbers)\.(\d+)$/.exec(field) ?? [];
    const person =
      list === undefined ? undefined : asked[list === "jids" ? "jids" : "numbers"][Number(index)];
    return person === undefined ? [] : [person];
  });
}

const mostAtOnce = 200;
