import { accountWithPicture, contractCases, jidOf } from "@wuts/contract-cases";

export const cases = contractCases("getContactProfile", ({ produces, accounts }) => {
  const ana = accountWithPicture(accounts, "visible").phone;
  const business = accounts.seeded.find((account) => account.business);

  return [
    produces(200, "person", {
      request: { query: { number: ana } },
      shows: {
        data: {
          jid: jidOf(ana),
          phone_number: ana,
          about: "At work",
          business_name: null,
          business_profile: null,
        },
      },
    }),

    produces(200, "business", {
      request: { query: { jid: jidOf(business?.phone ?? "") } },
      shows: {
        data: {
          business_name: business?.businessName,
          business_profile: { address: business?.business?.address, websites: business?.business?.websites },
        },
      },
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "neither jid nor number",
      shows: { validation: [{ field: "jid" }] },
    }),
  ];
});
