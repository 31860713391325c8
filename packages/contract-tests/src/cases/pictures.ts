import { groups, owner } from "@wuts/sandbox";
import { type Case, produces, type Undo } from "../case.ts";
import { validRequest } from "../valid-requests.ts";
import type { World } from "../worlds.ts";

const own = { jid: `${owner.phone}@s.whatsapp.net` };
const [group] = groups.map(({ description }) => description);
const ofOthers = groups.find(({ description }) => description.participants?.[0] !== owner.phone)?.description;
const noGroup = "120363044000000000@g.us";

/** Requests about another group than the usual one. */
const about = (jid: string) => ({
  set: { ...validRequest("setGroupPicture"), path: { jid } },
  remove: { ...validRequest("removeGroupPicture"), path: { jid } },
});

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
    request: about(own.jid).set,
    shows: { validation: [{ field: "jid" }] },
  }),

  produces("removeGroupPicture", 200, "removed", {
    request: validRequest("removeGroupPicture"),
    arrange: keepGroupPicture,
    shows: { data: { jid: group?.jid, picture_id: null } },
  }),

  produces("setGroupPicture", 403, "NOT_GROUP_ADMIN", { request: about(ofOthers?.jid ?? "").set }),
  produces("removeGroupPicture", 403, "NOT_GROUP_ADMIN", { request: about(ofOthers?.jid ?? "").remove }),
  produces("setGroupPicture", 404, "GROUP_NOT_FOUND", { request: about(noGroup).set }),
  produces("removeGroupPicture", 404, "GROUP_NOT_FOUND", { request: about(noGroup).remove }),
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
