import type { SignalKeyStore } from "./baileys.ts";
import { isLid, isPhoneNumberJid, type Jid, userOf } from "./jid.ts";

/** A holder of a device's keys. */
interface StoredKeys {
  readonly keys: Pick<SignalKeyStore, "get">;
}

/**
 * Finds LIDs of phone numbers, as Baileys rc14 files what messages and notifications tell: under `lid-mapping`, the digits of
 * the LID by those of the number (Signal/lid-mapping.js). Only what is stored: Baileys itself would ask WhatsApp for others.
 * @returns by JID, those that are known
 */
export async function storedLids({ keys }: StoredKeys, jids: readonly Jid[]): Promise<ReadonlyMap<Jid, Jid>> {
  const users = jids.filter(isPhoneNumberJid).map(userOf);
  const stored = await keys.get("lid-mapping", users);
  return new Map(
    Object.entries(stored).flatMap(([user, lid]): [Jid, Jid][] =>
      digits.test(lid) ? [[`${user}@s.whatsapp.net`, `${lid}@lid`]] : [],
    ),
  );
}

/** The other way round, which Baileys files with `_reverse` behind the LID. @returns by LID, those that are known */
export async function storedNumbers(
  { keys }: StoredKeys,
  lids: readonly Jid[],
): Promise<ReadonlyMap<Jid, Jid>> {
  const users = lids.filter(isLid).map((lid) => `${userOf(lid)}${suffix}`);
  const stored = await keys.get("lid-mapping", users);
  return new Map(
    Object.entries(stored).flatMap(([user, number]): [Jid, Jid][] =>
      digits.test(number) ? [[`${user.slice(0, -suffix.length)}@lid`, `${number}@s.whatsapp.net`]] : [],
    ),
  );
}

const suffix = "_reverse";

const digits = /^\d{5,20}$/;
