import type { Accounts } from "@wuts/contract-cases";
import { bugNumber, groups, nobody, owner, people, takenEmail } from "@wuts/sandbox";

/** Who is on the sandbox's WhatsApp. */
export const accounts: Accounts = {
  owner,
  people: people.map(({ description }) => description),
  groups: groups.map(({ description }) => description),
  nobody,
  bugNumber,
  takenEmail,
};
