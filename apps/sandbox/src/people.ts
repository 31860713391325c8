import type { AccountDescription, GroupDescription, Simulator } from "@wuts/whatsapp-simulator";

/** Whose phone the sandbox's own device is linked to. */
export const owner: AccountDescription = {
  phone: "5511900000000",
  name: "Sandbox",
  picture: { id: "1600000000" },
};

/** Somebody to ask about, and what asking shows. */
interface Person<Description> {
  readonly description: Description;
  readonly shows: string;
}

/** Who is on the sandbox's WhatsApp. Tests and documentation use them too. */
export const people: readonly Person<AccountDescription>[] = [
  {
    description: { phone: "5511999999999", name: "Ana", picture: { id: "1700000000" } },
    shows: "a picture, id 1700000000",
  },
  { description: { phone: "5511888888888", name: "Bruno" }, shows: "registered, no picture" },
  {
    description: {
      phone: "5511777777777",
      name: "Carla",
      picture: { id: "1700000007" },
      pictureBehaviour: "hidden",
    },
    shows: "hides its picture",
  },
  {
    description: { phone: "5511666666666", name: "Davi", pictureBehaviour: "rate-limited" },
    shows: "WhatsApp answers rate-overlimit",
  },
  {
    description: { phone: "5511555555555", name: "Elisa", pictureBehaviour: "silent" },
    shows: "WhatsApp never answers",
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
    shows: "WhatsApp answers something that is not understood",
  },
];

/** Numbers that nobody on WhatsApp has. */
export const nobody = "5511444444444";

/** Asking for this number makes the sandbox's server fail as a bug of ours would. */
export const bugNumber = "5511000000000";

export const groups: readonly Person<GroupDescription>[] = [
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
];

/** Moves everybody in. */
export function addPeople(simulator: Simulator): void {
  simulator.addAccount(owner);
  for (const { description } of people) simulator.addAccount(description);
  for (const { description } of groups) simulator.addGroup(description);
}
