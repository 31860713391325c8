import { groupJid } from "../accounts.ts";
import type { Undo } from "../case.ts";
import type { World } from "../world.ts";

/** Puts the owner's picture back when the case is over. */
export async function keepOwnPicture({ simulator, accounts }: World, undo: Undo): Promise<void> {
  const account = simulator.account(accounts.owner.phone);
  const picture = account.picture ?? null;
  undo(() => account.setPicture(picture));
}

/** Puts the picture of the first group back when the case is over. */
export async function keepGroupPicture({ simulator, accounts }: World, undo: Undo): Promise<void> {
  const group = simulator.group(groupJid(accounts, "group"));
  const picture = group.picture ?? null;
  undo(() => group.setPicture(picture));
}
