import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { type OperationDescription, wutsContract } from "@wuts/contract";
import { makeUser, pairDevice, type World } from "@wuts/contract-cases";
import { startMock } from "@wuts/mock";
import { bodyLimitOf, readConfig } from "@wuts/server/config";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Place, someTokens, startWorld } from "../support/worlds.ts";
import { createFuzz, type Fuzz, type FuzzOptions, type Tally } from "./fuzzing.ts";

const seed = numberFrom("WUTS_FUZZ_SEED", randomInt(2 ** 31));
const bodyLimit = (operation: OperationDescription) => bodyLimitOf(readConfig({}), operation);
interface Fuzzed extends Pick<FuzzOptions, "cases" | "without"> {
  start(): Promise<Place>;
}

/** Who sends requests, besides the admin, and what must stay as it is, or soon no caller could send any. */
type Senders = Required<Pick<FuzzOptions, "lesserTokens" | "spared">>;

/**
 * Sends generated requests, and holds the answers against the contract.
 * @param targets to what
 * @param usualCases how many to the server; `WUTS_FUZZ_CASES` says otherwise
 */
export function describeFuzz(targets: readonly ("server" | "mock")[], usualCases: number): void {
  const cases = numberFrom("WUTS_FUZZ_CASES", usualCases);
  const timeout = 120_000 + cases * 60;
  console.log(`Generated requests: seed ${seed}. To repeat: WUTS_FUZZ_SEED=${seed} WUTS_FUZZ_CASES=${cases}`);

  for (const name of targets) {
    const { start, ...options } = fuzzedWith(cases)[name];
    describe(`generated requests to the ${name}`, { timeout }, () => {
      let place: Place;
      let fuzz: Fuzz;
      beforeAll(async () => {
        place = await start();
        const { world } = place;
        const senders = world && (await makeSenders(world));
        const tidy = senders ? () => keepWorthAsking(world, senders.spared) : async () => undefined;
        fuzz = createFuzz({ ...options, ...senders, contract: wutsContract, place, seed, bodyLimit, tidy });
      });
      afterAll(async () => {
        if (fuzz) console.log(`Generated requests to the ${name}, seed ${seed}\n${tableOf(fuzz.tally)}`);
        await place?.stop();
      });

      // What is wrong changes nothing, so it may be sent while something else is under way.
      describe("by operation", () => {
        describe("valid", { concurrent: true }, () => {
          for (const { method, path, operationId } of wutsContract.operations) {
            const title = `${method.toUpperCase()} ${path}: valid ones never get 400 or 500, and answers as described`;
            it(title, { concurrent: false }, () => fuzz.sendValid(operationId));
          }
        });

        describe("wrong", { concurrent: true }, () => {
          for (const { method, path, operationId } of wutsContract.operations) {
            it(`${method.toUpperCase()} ${path}: wrong ones are refused as described, and all is well afterwards`, () =>
              fuzz.sendWrong(operationId));
          }
        });
      });

      it("are of every kind, and for every operation", () => {
        const { valid, wrong, kinds } = fuzz.tally;
        for (const counted of [valid, wrong, kinds]) {
          const never = Object.keys(counted).filter((each) => counted[each] === 0);
          assert.deepEqual(never, []);
        }
      });
    });
  }
}

const fuzzedWith = (cases: number): Readonly<Record<"server" | "mock", Fuzzed>> => ({
  server: { cases, start: () => startWorld("fuzzed") },
  mock: {
    cases: Math.ceil(cases / 4),
    without: [
      // It has no users, so it takes any token.
      ...["foreign token", "role too low", "master token", "token for metrics"],
      // Node answers these for it, without the error envelope.
      ...["very long URL", "very long header", "malformed header", "broken framing", "raw bytes in the URL"],
      "wrong method",
      // It takes `/../x` for `/x`, reads no `Content-Encoding` and no charset, and refuses bodies where none is described.
      ...["unknown path", "path traversal", "deep nesting", "wrong encoding of the body", "surplus body"],
      // It takes for a number what JavaScript does.
      ...["wrong type", "beyond all numbers", "malformed", "odd Unicode", "very long"],
    ],
    async start() {
      const { url, stop } = await startMock({ port: 0 });
      return { url, stop, ...someTokens(), world: undefined };
    },
  },
});

async function makeSenders(world: World): Promise<Senders> {
  // They stay until the server stops.
  const stay = () => {};
  const [user, manager] = [await makeUser(world, stay), await makeUser(world, stay, "manager")];
  const all = [world.me, await user.wuts.users.getMe(), await manager.wuts.users.getMe()];
  return {
    lesserTokens: { user: user.token, manager: manager.token },
    spared: all.flatMap((one) => [one.user.id, one.token.id, one.tenant.id]),
  };
}

/** Few of everything, and a device that is paired and connected: else there would soon be nothing to ask for. */
async function keepWorthAsking(world: World, spared: readonly string[]): Promise<void> {
  const { wuts, master } = world;
  const { items: devices } = await wuts.devices.list({ limit: 100 });
  const connected = devices.find(({ connected }) => connected);
  await keepFew(devices, connected ? [connected.id] : [], (device_id) => wuts.devices.delete({ device_id }));
  if (!connected) await pairDevice(world);
  const { items: users } = await wuts.users.list({ limit: 100 });
  await keepFew(users, spared, (user_id) => wuts.users.delete({ user_id }));
  const { items: tenants } = await master.tenants.list({ limit: 100 });
  await keepFew(tenants, spared, (tenant_id) => master.tenants.delete({ tenant_id }));
}

async function keepFew(
  all: readonly { readonly id: string }[],
  spared: readonly string[],
  remove: (id: string) => Promise<unknown>,
): Promise<void> {
  const others = all.filter(({ id }) => !spared.includes(id));
  for (const { id } of others.slice(2)) await remove(id);
}

function tableOf({ valid, wrong, kinds, statuses }: Tally): string {
  const rows = [
    ...Object.keys(valid).map((id) => [id, `${valid[id]} valid, ${wrong[id]} wrong`]),
    ...Object.entries(kinds).map(([kind, sent]) => [kind, `${sent}`]),
    ...Object.entries(statuses).map(([status, sent]) => [`answered ${status}`, `${sent}`]),
    ["together", `${sum(valid) + sum(wrong)}`],
  ];
  return rows.map(([about = "", sent = ""]) => `  ${about.padEnd(30)}${sent}`).join("\n");
}

function sum(counted: Readonly<Record<string, number>>): number {
  return Object.values(counted).reduce((one, other) => one + other, 0);
}

function numberFrom(setting: string, usual: number): number {
  const number = Number(process.env[setting] ?? usual);
  assert.ok(Number.isSafeInteger(number) && number >= 0, `${setting} must be a whole number`);
  return number;
}
