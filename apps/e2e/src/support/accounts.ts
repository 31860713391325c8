import type { Accounts } from "@wuts/contract-cases";
import { bugNumber, groups, owner, seedAccounts, takenEmail, unregisteredNumber } from "@wuts/sandbox";

/** Who is on the sandbox's WhatsApp. */
export const accounts: Accounts = {
  owner,
  seeded: seedAccounts.map(({ description }) => description),
  groups: groups.map(({ description }) => description),
  unregistered: unregisteredNumber,
  bugNumber,
  takenEmail,
};
