import { WutsError } from "@wuts/client";
import type { SimulatorEventMap } from "@wuts/whatsapp-simulator";
import { accountWithPicture } from "../accounts.ts";
import type { Undo } from "../case.ts";
import type { World } from "../world.ts";

/** Asks for a picture that WhatsApp never answers, and waits until WhatsApp was asked. */
export async function askWithoutAnswer(
  world: World,
  signal?: AbortSignal,
): Promise<{ settled: Promise<unknown> }> {
  const asked = pictureQuery(world);
  const question = { number: accountWithPicture(world.accounts, "silent").phone };
  const settled = world.wuts.contacts
    .getProfilePicture(question, signal ? { signal } : {})
    .catch((error: unknown) => error);
  await asked;
  return { settled };
}

/** Has the device ask WhatsApp something that it never answers, so that there is no room for another question. */
export async function occupy(world: World, undo: Undo): Promise<void> {
  const { deviceId: device_id } = world;
  const { settled } = await askWithoutAnswer(world);
  undo(async () => {
    // The question is given up with the connection.
    await world.wuts.session.disconnect({ device_id });
    await settled;
    await world.wuts.session.connect({ device_id });
  });
}

/** Asks for so many pictures that no further request is let in, of a WhatsApp that is silent. */
export async function crowd({ wuts, simulator }: World, undo: Undo): Promise<void> {
  const gone = new AbortController();
  const asked = pictureQuery({ simulator });
  undo(simulator.faults.silence(({ attrs }) => attrs.xmlns === "w:profile:picture"));
  const batches = Array.from({ length: 6 }, (_, batch) => {
    const numbers = Array.from({ length: 200 }, (_, index) => `${55_31_000_000_000 + batch * 200 + index}`);
    return wuts.contacts.lookUpProfilePictures({ numbers }, { signal: gone.signal }).catch(() => undefined);
  });
  undo(async () => {
    gone.abort();
    await Promise.all(batches);
  });
  await asked;
  // The last one is refused, for there is no room for it: so the others are in.
  await Promise.any(batches);
}

/** Resolves once the device has heard of all contacts in its phone's address book, and of their own names. */
export async function untilContacts({ wuts, deviceId: device_id, accounts }: World): Promise<void> {
  const deadline = AbortSignal.timeout(50_000);
  for (;;) {
    const { items } = await wuts.contacts.list({ device_id });
    const named = items.filter(({ full_name, push_name, lid }) => full_name && push_name && lid);
    if (named.length >= (accounts.owner.contacts?.length ?? 0)) return;
    deadline.throwIfAborted();
  }
}

/** Resolves once the server says that it should get no more requests; as a load balancer does, it asks again and again. */
export async function untilItStops({ wuts }: World): Promise<void> {
  const isNotReady = (error: unknown) => error instanceof WutsError && error.code === "SERVER_NOT_READY";
  for (;;) {
    try {
      await wuts.system.getReadiness();
    } catch (error) {
      if (isNotReady(error)) return;
      throw error;
    }
  }
}

function pictureQuery({ simulator: { events } }: Pick<World, "simulator">): Promise<void> {
  return new Promise((resolve) => {
    const look = ({ stanza }: SimulatorEventMap["stanza"][0]) => {
      if (stanza.attrs.xmlns !== "w:profile:picture") return;
      events.off("stanza", look);
      resolve();
    };
    events.on("stanza", look);
  });
}
