import { bugNumber, groups, seedAccounts } from "@wuts/sandbox";
import { crowd, phoneWhosePictureIs } from "../../support/arrangements.ts";
import { type Case, type Details, produces } from "../case.ts";

const visible = phoneWhosePictureIs("visible");
const pictureId =
  seedAccounts.find(({ description }) => description.phone === visible)?.description.picture?.id ?? "";
const withoutPicture = seedAccounts.find(
  ({ description }) => !description.picture && !description.pictureBehaviour,
);

const ninthDigit = seedAccounts.find(({ description }) => description.alsoReachedAs)?.description;
const group = groupJid(false);
const community = groupJid(true);

export const contactCases: readonly Case[] = [
  produces("getContactProfilePicture", 200, "found", {
    ...asking(visible, { preview: "false" }),
    shows: { data: { jid: `${visible}@s.whatsapp.net`, id: pictureId, type: "image", unchanged: false } },
  }),

  produces("getContactProfilePicture", 200, "preview", {
    ...asking(visible),
    shows: { data: { type: "preview", unchanged: false } },
  }),

  produces("getContactProfilePicture", 200, "unchanged", {
    ...asking(visible, { preview: "0", existing_id: pictureId }),
    shows: { data: { id: pictureId, url: null, unchanged: true } },
  }),

  produces("getContactProfilePicture", 200, "ninth-digit", {
    ...asking(ninthDigit?.alsoReachedAs?.[0] ?? ""),
    shows: { data: { jid: `${ninthDigit?.phone}@s.whatsapp.net`, id: ninthDigit?.picture?.id } },
  }),

  produces("getContactProfilePicture", 200, "group", {
    request: { query: { jid: group } },
    shows: { data: { jid: group, type: "preview" } },
  }),

  produces("getContactProfilePicture", 200, "community", {
    request: { query: { jid: community } },
    shows: { data: { jid: community, type: "preview" } },
  }),

  produces("getContactProfilePicture", 400, "VALIDATION_ERROR", {
    about: "neither jid nor number",
    shows: { validation: [{ field: "jid" }] },
  }),

  produces("getContactProfilePicture", 400, "VALIDATION_ERROR", {
    about: "a jid that is none",
    request: { query: { jid: "x" } },
    shows: { validation: [{ field: "jid" }] },
  }),

  produces("getContactProfilePicture", 400, "VALIDATION_ERROR", {
    about: "a flag that is none",
    ...asking(visible, { preview: "2" }),
    shows: { validation: [{ field: "preview" }] },
  }),

  produces("getContactProfilePictureImage", 200, "image", asking(visible, { preview: "false" })),
  produces("getContactProfilePictureImage", 200, "preview", asking(visible)),
  produces("getContactProfilePictureImage", 206, "start", {
    request: { query: { number: visible }, headers: { Range: "bytes=0-3" } },
  }),
  produces("getContactProfilePictureImage", 304, "empty", {
    request: { query: { number: visible }, headers: { "If-None-Match": `"${pictureId}"` } },
  }),
  produces("getContactProfilePictureImage", 416, "RANGE_NOT_SATISFIABLE", {
    request: { query: { number: visible }, headers: { Range: "bytes=1000000-" } },
  }),
  produces("getContactProfilePictureImage", 400, "VALIDATION_ERROR", {
    about: "neither jid nor number",
    shows: { validation: [{ field: "jid" }] },
  }),

  produces("lookUpContactProfilePictures", 200, "two", {
    request: { body: { jids: [group], numbers: [withoutPicture?.description.phone ?? ""] } },
    shows: {
      data: {
        items: [
          { input: group, picture: { jid: group, type: "preview", unchanged: false }, error_code: null },
          { picture: null, error_code: "PICTURE_NOT_SET" },
        ],
      },
    },
  }),

  produces("lookUpContactProfilePictures", 200, "streamed", {
    request: { body: { jids: [group], numbers: [withoutPicture?.description.phone ?? ""] } },
    shows: [
      { success: true, data: { done: 1, total: 2, item: {} } },
      { success: true, data: { done: 2, total: 2, item: {} } },
    ],
  }),

  produces("lookUpContactProfilePictures", 200, "broken-off", {
    request: { body: { jids: [group], numbers: [bugNumber] } },
    shows: [
      { success: true, data: { done: 1, total: 2, item: { input: group, error_code: null } } },
      { success: false, error_code: "INTERNAL_ERROR" },
    ],
  }),

  produces("lookUpContactProfilePictures", 400, "VALIDATION_ERROR", {
    about: "neither jids nor numbers",
    request: { body: { preview: true } },
    shows: { success: false },
  }),

  produces("lookUpContactProfilePictures", 400, "VALIDATION_ERROR", {
    about: "a jid that is longer than any",
    request: { body: { jids: [group, "x".repeat(65)] } },
    shows: { validation: [{ field: "jids.1" }] },
  }),

  produces("lookUpContactProfilePictures", 503, "DEVICE_BUSY", {
    about: "five batches wait already",
    request: { body: { numbers: [visible] } },
    arrange: crowd,
  }),
];

function asking(number: string, query: Record<string, string> = {}): Details {
  return { request: { query: { number, ...query } } };
}

function groupJid(isCommunity: boolean): string {
  const found = groups.find(({ description }) => (description.community ?? false) === isCommunity);
  return found?.description.jid ?? "";
}
