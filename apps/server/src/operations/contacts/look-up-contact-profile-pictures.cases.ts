import { accountWithPicture, contractCases, crowd, groupJid } from "@wuts/contract-cases";

export const cases = contractCases("lookUpContactProfilePictures", ({ produces, accounts }) => {
  const group = groupJid(accounts, "group");
  const withoutPicture = accounts.seeded.find(
    ({ picture, pictureBehaviour }) => !picture && !pictureBehaviour,
  );

  return [
    produces(200, "two", {
      request: { body: { jids: [group], numbers: [withoutPicture?.phone ?? ""] } },
      shows: {
        data: {
          items: [
            { input: group, picture: { jid: group, type: "preview", unchanged: false }, error_code: null },
            { picture: null, error_code: "PICTURE_NOT_SET" },
          ],
        },
      },
    }),

    produces(200, "streamed", {
      request: { body: { jids: [group], numbers: [withoutPicture?.phone ?? ""] } },
      shows: [
        { success: true, data: { done: 1, total: 2, item: {} } },
        { success: true, data: { done: 2, total: 2, item: {} } },
      ],
    }),

    produces(200, "broken-off", {
      request: { body: { jids: [group], numbers: [accounts.bugNumber] } },
      shows: [
        { success: true, data: { done: 1, total: 2, item: { input: group, error_code: null } } },
        { success: false, error_code: "INTERNAL_ERROR" },
      ],
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "neither jids nor numbers",
      request: { body: { preview: true } },
      shows: { success: false },
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "a jid that is longer than any",
      request: { body: { jids: [group, "x".repeat(65)] } },
      shows: { validation: [{ field: "jids.1" }] },
    }),

    produces(503, "DEVICE_BUSY", {
      about: "five batches wait already",
      request: { body: { numbers: [accountWithPicture(accounts, "visible").phone] } },
      arrange: crowd,
    }),
  ];
});
