import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { operations } from "@wuts/contract";
import sharp from "sharp";
import { createDevice } from "../../operations/devices/create-device.ts";
import type { Handlers } from "../../operations/operation.ts";
import { at, type CallOptions, dataOf, textAt } from "../call.ts";
import type { World } from "../world.ts";
import { masterToken } from "./master.ts";

/** A request that makes or sends something, and how often that has happened. */
export interface KeyedRequest extends CallOptions {
  readonly path: string;
  readonly method: "POST";
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** What of the world counts what the request makes or sends. */
  count(): Promise<number>;
  /** Whether the effect is one of the database alone. */
  readonly inDatabase: boolean;
}

export type KeyedId = Extract<(typeof operations)[number], { takesIdempotencyKey: true }>["operationId"];

/** The operations that take an `Idempotency-Key`, as the contract has them. */
export const keyedIds: readonly KeyedId[] = operations.flatMap((operation) =>
  operation.takesIdempotencyKey ? [operation.operationId] : [],
);

const owner = "5511900000000";
const group = "120363039000000000@g.us";

/**
 * Links a device to the simulated WhatsApp, so that requests can be made for all operations that take a key.
 * @returns for each a new request, which makes or sends something, and differs from those before
 */
export async function keyedRequestsIn(world: World): Promise<Record<KeyedId, () => Promise<KeyedRequest>>> {
  const { simulator } = world;
  simulator.addAccount({ phone: owner });
  simulator.addGroup({ jid: group, subject: "Group", participants: [owner] });
  const device = await world.pairedDevice(owner);
  const me = textAt(dataOf(await world.call("/me")), "user", "id");
  const create = { width: 64, height: 64, channels: 3 as const, background: "red" };
  const image = (await sharp({ create }).png().toBuffer()).toString("base64");
  const rowsIn = (table: string) => async () =>
    Number(at(await world.rows(`select count(*) as n from ${table}`), 0, "n"));
  const audited = (action: string) => async () =>
    Number(at(await world.rows("select count(*) as n from audit where action = ?", action), 0, "n"));
  const sent = async () => simulator.received.get("iq w:profile:picture set") ?? 0;
  const made = (path: string, body: Record<string, unknown>, count: () => Promise<number>) =>
    ({ path, method: "POST", status: 201, body, count, inDatabase: true }) as const;
  const sending = { method: "POST", status: 200, inDatabase: false } as const;
  const name = () => `Name ${randomUUID()}`;
  const email = () => `${randomUUID()}@example.com`;
  return {
    createDevice: async () => made("/devices", { name: name() }, rowsIn("devices")),
    createUser: async () => made("/users", { email: email(), role: "user" }, rowsIn("users")),
    createToken: async () => made(`/users/${me}/tokens`, { name: name() }, rowsIn("tokens")),
    createSignInCode: async () =>
      made(
        `/users/${(await world.addPerson()).id}/sign-in-codes`,
        { expires_in: 600 },
        rowsIn("sign_in_codes"),
      ),
    registerTenant: async () => ({
      ...made("/register", { tenant_name: name(), email: email() }, rowsIn("tenants")),
      token: masterToken,
    }),
    generateSessionPairCode: async () => ({
      ...sending,
      path: `/paircode?refresh=true&device_id=${await world.createDevice()}`,
      body: { number: owner },
      count: audited("device.pairing_started"),
    }),
    setProfilePicture: async () => ({
      ...sending,
      path: `/profile/picture?device_id=${device}`,
      body: { image },
      count: sent,
    }),
    setGroupPicture: async () => ({
      ...sending,
      path: `/groups/${group}/picture?device_id=${device}`,
      body: { image },
      count: sent,
    }),
  };
}

/** Sends a request with this key. */
export function sendWith(
  call: World["call"],
  key: string,
  { path, method, body, token }: Pick<KeyedRequest, "path" | "method" | "body" | "token">,
  headers: Readonly<Record<string, string>> = {},
) {
  const options = { method, body, headers: { ...headers, "idempotency-key": key } };
  return call(path, token === undefined ? options : { ...options, token });
}

/** Holds requests for a device of this name in their handler, until they are let go on. */
export class HeldDevices {
  static readonly heldName = "Held";
  readonly #reached = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  count = 0;

  readonly handlers: Partial<Handlers> = {
    createDevice: async (input, services) => {
      if (input.body.name === HeldDevices.heldName) {
        this.count += 1;
        this.#reached.resolve();
        await this.#released.promise;
      }
      return createDevice(input, services);
    },
  };

  /** Resolves when the first such request is in its handler. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  release(): void {
    assert.ok(this.count > 0, "no request is held");
    this.#released.resolve();
  }
}
