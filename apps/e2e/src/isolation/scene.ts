import type { Wuts } from "@wuts/client";
import { makeTenant, makeUser, type Person, type Undo, type World } from "@wuts/contract-cases";

/** Ids of what there is, by the names of the parameters that take them. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** Who asks for what is not theirs. */
export interface Caller {
  readonly who: string;
  readonly token: string;
  readonly own: Known;
}

/** Users who have something, and users who have no right to it. */
export interface Scene {
  /** What there is in the first tenant, and not the callers'. */
  readonly theirs: Known;
  readonly callers: readonly Caller[];
}

/** Makes users who ask, and users who are asked about. */
export async function setScene(world: World, undo: Undo): Promise<Scene> {
  const admin = await thingsOf(world.wuts, world.deviceId);
  const ana = await belongingsOf(await makeUser(world, undo));
  const user = await makeUser(world, undo);
  const { admin: stranger } = await makeTenant(world, undo);
  return {
    theirs: known(admin, ana),
    callers: [
      {
        who: "an admin of another tenant",
        token: stranger.token,
        own: known(await belongingsOf(stranger)),
      },
      { who: "a user of the same tenant", token: user.token, own: known(await belongingsOf(user)) },
    ],
  };
}

/** @returns ids for a parameter @throws Error when none is known, so that no new parameter goes without tests */
export function idsFor(name: string, ids: Known): readonly string[] {
  const found = ids[name];
  if (found) return found;
  throw new Error(
    `No id is known for the parameter ${name}. Make such a thing in src/isolation/scene.ts, for those who have it and ` +
      "for each caller, and name it in `known`.",
  );
}

interface Things {
  readonly user: string;
  readonly token: string;
  readonly tenant: string;
  readonly device: string;
}

/** Every name of a parameter that takes an id, and what it may be the id of. */
function known(...owners: readonly Things[]): Known {
  const each = (...kinds: readonly (keyof Things)[]) => [
    ...new Set(owners.flatMap((things) => kinds.map((kind) => things[kind]))),
  ];
  return {
    user_id: each("user"),
    token_id: each("token"),
    successor_id: each("token"),
    tenant_id: each("tenant"),
    device_id: each("device"),
    target_id: each("user", "token", "device"),
  };
}

async function belongingsOf({ wuts }: Person): Promise<Things> {
  const { id } = await wuts.devices.create({ name: "Reception" });
  return thingsOf(wuts, id);
}

async function thingsOf(wuts: Wuts, device: string): Promise<Things> {
  const { user, token, tenant } = await wuts.users.getMe();
  return { user: user.id, token: token.id, tenant: tenant.id, device };
}
