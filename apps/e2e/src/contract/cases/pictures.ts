import { groups, owner } from "@wuts/sandbox";
import { validRequest } from "../../support/valid-requests.ts";
import type { World } from "../../support/worlds.ts";
import { type Case, produces, type Undo } from "../case.ts";

const own = { jid: `${owner.phone}@s.whatsapp.net` };
const [group] = groups.map(({ description }) => description);

export const pictureCases: readonly Case[] = [
  produces("setProfilePicture", 200, "set", {
    request: validRequest("setProfilePicture"),
    arrange: keepOwnPicture,
    shows: { data: own },
  }),

  produces("setProfilePicture", 400, "VALIDATION_ERROR", {
    about: "what is no base64",
    request: { body: { image: "no base64" } },
    shows: { validation: [{ field: "image" }] },
  }),

  produces("removeProfilePicture", 200, "removed", {
    arrange: keepOwnPicture,
    shows: { data: { ...own, picture_id: null } },
  }),

  produces("setGroupPicture", 200, "set", {
    request: validRequest("setGroupPicture"),
    arrange: keepGroupPicture,
    shows: { data: { jid: group?.jid } },
  }),

  produces("setGroupPicture", 400, "VALIDATION_ERROR", {
    about: "somebody instead of a group",
    request: { ...validRequest("setGroupPicture"), path: own },
    shows: { validation: [{ field: "jid" }] },
  }),

  produces("removeGroupPicture", 200, "removed", {
    request: validRequest("removeGroupPicture"),
    arrange: keepGroupPicture,
    shows: { data: { jid: group?.jid, picture_id: null } },
  }),
];

async function keepOwnPicture({ simulator }: World, undo: Undo): Promise<void> {
  const account = simulator.account(owner.phone);
  const picture = account.picture ?? null;
  undo(() => account.setPicture(picture));
}

async function keepGroupPicture({ simulator }: World, undo: Undo): Promise<void> {
  const found = simulator.group(group?.jid ?? "");
  const picture = found.picture ?? null;
  undo(() => found.setPicture(picture));
}
