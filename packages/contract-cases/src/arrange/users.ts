import { randomUUID } from "node:crypto";
import { createWuts, type Wuts, WutsError } from "@wuts/client";
import type { Role } from "@wuts/contract";
import type { RawRequest, Undo } from "../case.ts";
import type { World } from "../world.ts";

/** A user who may send requests. */
export interface Person {
  readonly id: string;
  readonly token: string;
  /** Asks as them. */
  readonly wuts: Wuts;
}

/** Makes a user of the admin's tenant. */
export async function makeUser(world: World, undo: Undo, role: Role = "user"): Promise<Person> {
  const email = `${randomUUID()}@example.com`;
  const { user, token } = await world.wuts.users.create({ email, role });
  undo(() => unlessGone(world.wuts.users.delete({ user_id: user.id })));
  return { id: user.id, token, wuts: clientOf(world, token) };
}

/** Makes a user of another tenant; deleting the tenant deletes the user. */
export async function makeUserOf({ wuts }: Person): Promise<{ readonly token: string }> {
  const email = `${randomUUID()}@example.com`;
  return wuts.users.create({ email, role: "user" });
}

/** Makes a tenant. @returns its id and its admin */
export async function makeTenant(world: World, undo: Undo): Promise<{ id: string; admin: Person }> {
  const { tenant, user, token } = await world.master.tenants.register({
    tenant_name: randomUUID(),
    email: "admin@example.com",
  });
  undo(() => unlessGone(world.master.tenants.delete({ tenant_id: tenant.id })));
  return { id: tenant.id, admin: { id: user.id, token, wuts: clientOf(world, token) } };
}

function clientOf({ url }: World, token: string): Wuts {
  return createWuts({ baseUrl: url, token, retries: 0 });
}

/** What a case deletes by itself is not there any more when it is over. */
async function unlessGone(deleted: Promise<unknown>): Promise<void> {
  await deleted.catch((error: unknown) => {
    if (!(error instanceof WutsError) || error.status !== 404) throw error;
  });
}

/** Has a manager send the request, about another user: they may do much about others, but not everything. */
export async function askAsManager(
  world: World,
  undo: Undo,
  send: (more: RawRequest) => void,
): Promise<void> {
  const { token } = await makeUser(world, undo, "manager");
  send({ token, path: { user_id: (await makeUser(world, undo)).id } });
}
