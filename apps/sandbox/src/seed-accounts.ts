import {
  type AccountDescription,
  asksAbout,
  type GroupDescription,
  type Simulator,
} from "@wuts/whatsapp-simulator";
import { addBulkAccounts } from "./bulk-accounts.ts";

/** The account whose phone the sandbox's device is linked to. */
export const owner: AccountDescription = {
  phone: "5511900000000",
  name: "Sandbox",
  picture: { id: "1600000000" },
  blocked: ["5511888888888"],
  contacts: [
    { phone: "5511999999999", fullName: "Ana Souza", firstName: "Ana" },
    { phone: "5511888888888", fullName: "Bruno Lima", firstName: "Bruno" },
    { phone: "5511777777777", fullName: "Carla Dias", firstName: "Carla" },
    { phone: "551133333333", fullName: "Fábio Araújo", firstName: "Fábio" },
  ],
};

/** An account or a group, and what a look-up of it shows. */
interface Seed<Description> {
  readonly description: Description;
  readonly shows: string;
}

/** The accounts on the sandbox's WhatsApp. Tests and documentation use them too. */
export const seedAccounts: readonly Seed<AccountDescription>[] = [
  {
    description: { phone: "5511999999999", name: "Ana", about: "At work", picture: { id: "1700000000" } },
    shows: "a picture, id 1700000000, and an about text",
  },
  { description: { phone: "5511888888888", name: "Bruno" }, shows: "registered, no picture, blocked" },
  {
    description: {
      phone: "5511777777777",
      name: "Carla",
      picture: { id: "1700000007" },
      pictureBehaviour: "hidden",
      aboutHidden: true,
    },
    shows: "hides its picture and its about text",
  },
  {
    description: { phone: "5511666666666", name: "Davi", pictureBehaviour: "rate-limited" },
    shows: "WhatsApp replies rate-overlimit",
  },
  {
    description: { phone: "5511555555555", name: "Elisa", pictureBehaviour: "silent" },
    shows: "WhatsApp never replies",
  },
  {
    description: {
      phone: "551133333333",
      name: "Fábio",
      alsoReachedAs: ["5511933333333"],
      picture: { id: "1700000003" },
    },
    shows: "5511933333333 is registered without the ninth digit, as this, with a picture",
  },
  {
    description: { phone: "5511222222222", name: "Gilda", pictureBehaviour: "malformed" },
    shows: "WhatsApp sends a malformed reply",
  },
  {
    description: {
      phone: "5511922222222",
      name: "Padaria Central",
      businessName: "Padaria Central",
      business: {
        description: "Bread since 1954",
        address: "Rua Central 1, São Paulo",
        email: "contato@example.com",
        category: "Bakery",
        websites: ["https://example.com"],
      },
    },
    shows: "a business with a profile, no picture",
  },
];

/** The accounts whose phones can link devices: the owner, and the accounts without faults. */
export const phoneOwners: readonly [AccountDescription, ...AccountDescription[]] = [
  owner,
  ...seedAccounts.slice(0, 3).map(({ description }) => description),
];

/** A number that is not registered on WhatsApp. */
export const unregisteredNumber = "5511444444444";

/** Requests with this number make the sandbox's server fail with an unexpected error. */
export const bugNumber = "5511000000000";

export const groups: readonly Seed<GroupDescription>[] = [
  {
    description: {
      jid: "120363039000000000@g.us",
      subject: "Group",
      participants: [owner.phone, "5511999999999"],
      picture: { id: "1700000039" },
    },
    shows: "a group with a picture",
  },
  {
    description: {
      jid: "120363040000000000@g.us",
      subject: "Community",
      participants: [owner.phone, "5511888888888"],
      picture: { id: "1700000040" },
      community: true,
    },
    shows: "a community whose picture only the w:g2 form answers",
  },
  {
    description: {
      jid: "120363041000000000@g.us",
      subject: "Group of Ana's",
      participants: ["5511999999999", owner.phone],
      picture: { id: "1700000041" },
    },
    shows: "a group in which the sandbox's account is not an admin",
  },
];

/** Adds all accounts and groups. */
export function addSeedAccounts(simulator: Simulator): void {
  simulator.addAccount(owner);
  for (const { description } of seedAccounts) {
    simulator.addAccount(description);
    failOtherQueriesAlike(simulator, description);
  }
  for (const { description } of groups) simulator.addGroup(description);
  addBulkAccounts(simulator);
}

/** Makes all queries about an account fail in the same way as the query for its picture. */
function failOtherQueriesAlike(
  { account, faults }: Simulator,
  { phone, pictureBehaviour }: AccountDescription,
): void {
  const queries = asksAbout(account(phone));
  if (pictureBehaviour === "rate-limited") faults.answerError(queries, 429);
  if (pictureBehaviour === "silent") faults.silence(queries);
  if (pictureBehaviour === "malformed") faults.malformed(queries);
}
