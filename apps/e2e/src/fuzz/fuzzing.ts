import { createHash } from "node:crypto";
import { type Contract, strictView } from "@wuts/contract";
import { resolveIn } from "@wuts/contract/document";
import fc from "fast-check";
import { describedBy } from "../support/described.ts";
import type { Place, TokenOfPlace } from "../support/worlds.ts";
import { askValid, askWrong } from "./checks.ts";
import { kinds } from "./kinds.ts";
import { asCommand } from "./printable.ts";
import { requestsOf } from "./requests.ts";
import { type Json, object, schemasOf } from "./schemas.ts";
import { rememberAnswers } from "./seen.ts";
import { type Surroundings, validRequests, written } from "./valid.ts";

export interface FuzzOptions {
  readonly contract: Contract;
  readonly place: Pick<Place, "url" | TokenOfPlace>;
  /** Of callers of the same tenant who may do less, by their roles. */
  readonly lesserTokens?: Readonly<Record<string, string>>;
  /** Ids that are never sent: of what the requests are sent with, which one of them might delete. */
  readonly spared?: readonly string[];
  /** How many requests are sent that are valid or wrong, besides those that look whether all is well. */
  readonly cases: number;
  /** The same seed makes the same requests, but for what the place shows, such as its ids. */
  readonly seed: number;
  /** Largest body that the place takes, in bytes. */
  readonly bodyLimit: Surroundings["bodyLimit"];
  /** How long an answer to a wrong request may take before it counts as none; 30 seconds unless told otherwise. */
  readonly deadlineMs?: number;
  /** Kinds of wrong requests that are not for this place, or `surplus body`, which is not wrong. */
  readonly without?: readonly string[];
  /** Brings the place into a state worth asking, now and then. */
  tidy?(): Promise<void>;
}

/** Sends generated requests to one place. */
export interface Fuzz {
  readonly tally: Tally;
  /** Sends valid requests for an operation. @throws Error with the smallest that is answered as it must not be */
  sendValid(operationId: string): Promise<void>;
  /** Sends requests for an operation that are wrong in every way that they can be. @throws as `sendValid` */
  sendWrong(operationId: string): Promise<void>;
}

/** How many requests were sent. */
export interface Tally {
  /** By `operationId`. */
  readonly valid: Readonly<Record<string, number>>;
  /** By `operationId`. */
  readonly wrong: Readonly<Record<string, number>>;
  /** By what was wrong; 0 for what never was. */
  readonly kinds: Readonly<Record<string, number>>;
  /** By what was answered. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** How many valid requests are sent before the place is brought into order again. */
const untilTidy = 10;

/** @throws Error when the contract says something that no requests can be made from */
export function createFuzz({ contract, place, cases, seed, ...options }: FuzzOptions): Fuzz {
  const schemas = schemasOf(contract.document);
  const requests = requestsOf(contract, schemas);
  const seen = rememberAnswers(schemas, options.spared);
  const tokens = [
    place.token,
    place.masterToken,
    place.metricsToken,
    ...Object.values(options.lesserTokens ?? {}),
  ];
  const around: Surroundings = {
    schemas,
    token: place.token,
    masterToken: place.masterToken,
    metricsToken: place.metricsToken,
    lesserTokens: options.lesserTokens ?? {},
    bodyLimit: options.bodyLimit,
    requestId: requestIdIn(contract),
    better: seen.values,
    described: describedBy(contract.document),
    operations: contract.operations,
    deadlineMs: options.deadlineMs ?? 30_000,
    surplusBodies: !options.without?.includes("surplus body"),
  };
  const wanted = Object.keys(kinds).filter((kind) => !options.without?.includes(kind));
  const wrongs = wanted.flatMap((kind) => {
    const ofKind = requests.flatMap((described) => {
      const parts = kinds[kind]?.(described, around) ?? [];
      return parts.map((wrong) => ({ operation: described.operation, kind, wrong }));
    });
    return ofKind.map((part) => ({ ...part, ofKind: ofKind.length }));
  });
  // There are more ways to be wrong than to be valid.
  const validRuns = shares(
    cases * 0.4,
    requests.map(() => 1),
  );
  // Half of those are for each part that can be wrong, half for each kind, however few parts it is for.
  const wrongRuns = shares(
    cases * 0.6,
    wrongs.map(({ ofKind }) => 1 / wrongs.length + 1 / wanted.length / ofKind),
  );
  const zero = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]));
  const operationIds = contract.operations.map(({ operationId }) => operationId);
  const tally = {
    valid: zero(operationIds),
    wrong: zero(operationIds),
    kinds: zero(wanted),
    statuses: zero([]),
  };

  return {
    tally,

    async sendValid(operationId) {
      const index = requests.findIndex(({ operation }) => operation.operationId === operationId);
      const described = requests[index];
      if (!described) throw new Error(`the contract has no operation ${operationId}`);
      const { operation } = described;
      let sent = 0;
      const printable = validRequests(described, around).map((request) => {
        const wire = written(request, around);
        return { wire, [fc.toStringMethod]: () => asCommand(wire, tokens) };
      });
      const property = fc.asyncProperty(printable, async ({ wire }) => {
        if (sent % untilTidy === 0) await options.tidy?.();
        sent += 1;
        const answer = await askValid(place.url, operation, wire, around);
        seen.note(answer.body);
        count(tally.valid, operationId);
        count(tally.statuses, `${answer.status}`);
      });
      await fc.assert(property, settings(validRuns[index] ?? 1, operationId));
    },

    async sendWrong(operationId) {
      const problems: string[] = [];
      for (const [index, { operation, kind, wrong }] of wrongs.entries()) {
        if (operation.operationId !== operationId) continue;
        const about = `${operationId}, ${kind}`;
        const printable = wrong.map((request) => ({
          request,
          [fc.toStringMethod]: () => `${about}: ${request.why}\n${asCommand(request.wire, tokens)}`,
        }));
        const property = fc.asyncProperty(printable, async ({ request }) => {
          const answer = await askWrong(place.url, operation, request, around);
          count(tally.wrong, operationId);
          count(tally.kinds, kind);
          count(tally.statuses, `${answer.status}`);
        });
        await fc
          .assert(property, settings(wrongRuns[index] ?? 1, `${about} ${index}`))
          .catch((error: unknown) => problems.push(error instanceof Error ? error.message : `${error}`));
      }
      if (problems.length > 0) throw new Error(problems.join("\n\n"));
    },
  };

  function settings(numRuns: number, part: string): fc.Parameters<unknown> {
    return {
      numRuns,
      seed: seedFor(seed, part),
      includeErrorInReport: true,
      // Looking for a smaller request that fails must end, even if every answer takes as long as it may.
      interruptAfterTimeLimit: 30_000 + numRuns * 1_000,
      markInterruptAsFailure: true,
    };
  }
}

/** What the contract says of the ids that a caller may choose. */
function requestIdIn({ document }: Contract): Json {
  const strict = strictView(document);
  const header = object(object(object(strict.components).headers).RequestId);
  return resolveIn(strict, header.schema);
}

/** @returns how many of all cases each part gets by its weight; every part has one at least */
function shares(cases: number, weights: readonly number[]): number[] {
  const all = weights.reduce((one, other) => one + other, 0);
  let given = 0;
  let before = 0;
  return weights.map((weight) => {
    before += weight;
    const upToHere = Math.round((cases * before) / all);
    const share = Math.max(1, upToHere - given);
    given += share;
    return share;
  });
}

/** @returns a seed of its own for each part of the suite, so that none depends on what the others do */
function seedFor(seed: number, part: string): number {
  return createHash("sha256").update(`${seed} ${part}`).digest().readInt32LE();
}

function count(tally: Record<string, number>, name: string): void {
  tally[name] = (tally[name] ?? 0) + 1;
}
