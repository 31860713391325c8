import { contractCases, makeDevice, untilContacts } from "@wuts/contract-cases";

export const cases = contractCases("listContacts", ({ produces, accounts }) => {
  const [ana] = accounts.owner.contacts ?? [];

  return [
    produces(200, "one", {
      request: { query: { search: "SOUZA" } },
      arrange: (world) => untilContacts(world),
      shows: {
        data: { items: [{ phone_number: ana?.phone, full_name: ana?.fullName, first_name: ana?.firstName }] },
      },
    }),

    produces(200, "none", {
      world: "empty",
      arrange: makeDevice,
      shows: { data: { items: [], next_cursor: null } },
    }),
  ];
});
