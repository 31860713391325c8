import type { AccountDescription, GroupDescription, PictureBehaviour } from "@wuts/whatsapp-simulator";

/** Who is on the simulated WhatsApp of the server under test, and what is special on that server. */
export interface Accounts {
  /** Whose phone the device is linked to. */
  readonly owner: AccountDescription;
  readonly seeded: readonly AccountDescription[];
  readonly groups: readonly GroupDescription[];
  /** A number that no account on WhatsApp has. */
  readonly unregistered: string;
  /** A number for which the server fails, as a bug would have it. */
  readonly bugNumber: string;
  /** An e-mail address that a user of the admin's tenant has. */
  readonly takenEmail: string;
}

/** @returns an account with a picture that behaves so @throws Error when there is none */
export function accountWithPicture({ seeded }: Accounts, behaviour: PictureBehaviour): AccountDescription {
  const found = seeded.find(({ picture, pictureBehaviour }) =>
    behaviour === "visible" ? picture && !pictureBehaviour : pictureBehaviour === behaviour,
  );
  if (!found) throw new Error(`no account has a picture that is ${behaviour}`);
  return found;
}

/** @returns the JID of a group, or of a community @throws Error when there is none */
export function groupJid({ groups }: Accounts, kind: "group" | "community"): string {
  const found = groups.find(({ community = false }) => community === (kind === "community"));
  if (!found) throw new Error(`there is no ${kind}`);
  return found.jid;
}

/** @returns the JID of the account that is registered with a phone number */
export function jidOf(phone: string): string {
  return `${phone}@s.whatsapp.net`;
}
