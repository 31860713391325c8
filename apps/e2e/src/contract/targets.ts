import type { Case, WorldName } from "@wuts/contract-cases";
import { listOutcomes, startMock } from "@wuts/mock";
import { type Place, someTokens, startWorld } from "../support/worlds.ts";
import { startPrismProxy } from "./prism-proxy.ts";

/** Something that claims to speak the contract. */
export interface Target {
  readonly name: TargetName;
  /** Where a case must be sent to. */
  worldOf(wanted: Case): WorldName;
  start(world: WorldName): Promise<Place>;
  /** What must be sent along to get the outcome of a case from a place without a world. */
  headersFor(wanted: Case): Readonly<Record<string, string>>;
}

export const targetNames = ["mock", "server", "proxy"] as const;
export type TargetName = (typeof targetNames)[number];

const outcomes = listOutcomes();

export const targets: readonly Target[] = [
  {
    name: "mock",
    // One mock is like another.
    worldOf: () => "usual",
    async start() {
      const { url, stop } = await startMock({ port: 0 });
      return { url, stop, ...someTokens(), world: undefined };
    },
    headersFor: preferred,
  },
  { name: "server", worldOf, start: startWorld, headersFor: () => ({}) },
  {
    name: "proxy",
    worldOf,
    async start(name) {
      const place = await startWorld(name);
      const proxy = await startPrismProxy(place.url);
      return {
        ...place,
        url: proxy.url,
        async stop() {
          await proxy.stop();
          await place.stop();
        },
      };
    },
    headersFor: () => ({}),
  },
];

function worldOf({ world = "usual" }: Case): WorldName {
  return world;
}

/** The mock refuses wrong requests by itself, and answers right ones with the first success. */
function preferred({ operationId, status, outcome }: Case): Record<string, string> {
  if ([400, 401, 413, 415].includes(status)) return {};
  const ofOperation = outcomes.filter((documented) => documented.operationId === operationId);
  const wanted = ofOperation.find(
    (documented) => documented.status === status && (documented.errorCode ?? documented.example) === outcome,
  );
  if (wanted === undefined) throw new Error(`${operationId} has no ${status} ${outcome}`);
  return wanted === ofOperation[0] ? {} : { Prefer: `code=${status}, example=${wanted.example}` };
}
