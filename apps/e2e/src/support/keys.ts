import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { OperationDescription } from "@wuts/contract";
import type { RawRequest, Undo, World } from "@wuts/contract-cases";
import { ask } from "./ask.ts";
import { heldPrefix } from "./worlds.ts";

/** Sends some request with a new key, as a caller who may also send the operation. @returns the header with that key */
export async function spendKey(
  { wuts, master }: World,
  undo: Undo,
  { role }: Pick<OperationDescription, "role">,
): Promise<Record<string, string>> {
  const headers = newKey();
  if (role === "master") {
    const registration = {
      tenant_name: `Keyed ${randomUUID()}`,
      email: "ana@example.com",
    };
    const { tenant } = await master.tenants.register(registration, { headers });
    undo(() => master.tenants.delete({ tenant_id: tenant.id }));
  } else {
    const { id } = await wuts.devices.create({ name: "Keyed" }, { headers });
    undo(() => wuts.devices.delete({ device_id: id }));
  }
  return headers;
}

/** Sends a request that is held in its handler, in the world `holding`. @returns the header of its key */
export async function holdKey(
  world: World,
  undo: Undo,
  operation: OperationDescription,
  request: RawRequest,
): Promise<Record<string, string>> {
  const headers = newKey();
  const client = new AbortController();
  const held = { ...request, headers: { ...headers, "X-Request-Id": `${heldPrefix}${randomUUID()}` } };
  const gone = ask(world, operation, held, client.signal).catch(() => undefined);
  const database = new DatabaseSync(world.databaseFile, { readOnly: true, timeout: 5_000 });
  const count = database.prepare("select count(*) as n from idempotency_keys where kept_until is null");
  const becomes = async (wanted: number) => {
    const deadline = AbortSignal.timeout(50_000);
    while (count.get()?.n !== wanted) {
      deadline.throwIfAborted();
      await setImmediate();
    }
  };
  undo(async () => {
    client.abort();
    await gone;
    await becomes(0);
    database.close();
  });
  await becomes(1);
  return headers;
}

function newKey(): Record<string, string> {
  return { "Idempotency-Key": randomUUID() };
}
