import type { OperationDescription } from "@wuts/contract";
import fc from "fast-check";
import type { DescribedRequest } from "../requests.ts";
import { type Surroundings, someValidRequests, type ValidRequest, validRequests, written } from "../valid.ts";
import { only } from "../values.ts";
import type { WireRequest } from "../wire.ts";

/** A request of which one thing is wrong. */
export interface WrongRequest {
  readonly wire: WireRequest;
  /** What it is, for people. */
  readonly why: string;
  /** How it may be refused. */
  readonly statuses: readonly number[];
  /** Whether it is an HTTP request at all, whose `X-Request-Id` can be read; yes unless told otherwise. */
  readonly unreadable?: true;
}

/**
 * One way to make a request wrong. @returns the same for each part of the request that can be wrong in this way, none for
 * operations whose requests cannot
 */
export type Kind = (
  described: DescribedRequest,
  around: Surroundings,
) => readonly fc.Arbitrary<WrongRequest>[];

/** Makes something of a valid request, or `undefined` of one that there is nothing to be made of. */
export type Spoil<T> = (request: ValidRequest) => fc.Arbitrary<T | undefined>;

/** What comes of spoiling valid requests; none when nothing ever does. */
export function spoiled<T>(
  described: DescribedRequest,
  around: Surroundings,
  spoil: Spoil<T>,
): readonly fc.Arbitrary<T>[] {
  const isSpoiled = (result: T | undefined): result is T => result !== undefined;
  const isEverSpoiled = someValidRequests(described, around).some((request, seed) =>
    fc.sample(spoil(request), { numRuns: 1, seed }).some(isSpoiled),
  );
  if (!isEverSpoiled) return [];
  const all = validRequests(described, around).chain(spoil);
  const { operationId } = described.operation;
  return [
    only(all, isSpoiled, `wrong requests for ${operationId}`).map((result) => {
      if (!isSpoiled(result)) throw new Error("what is not spoiled was dropped");
      return result;
    }),
  ];
}

/** @returns the request as it is written down, with other parts where told */
export function rewritten(
  request: ValidRequest,
  around: Surroundings,
  parts: (wire: WireRequest) => Partial<WireRequest> = () => ({}),
): WireRequest {
  const wire = written(request, around);
  return { ...wire, ...parts(wire) };
}

/** @returns the headers without one, or with another value for it */
export function withHeader(
  { headers }: WireRequest,
  name: string,
  value: string | undefined,
): WireRequest["headers"] {
  const others = headers.filter(([other]) => other !== name);
  return value === undefined ? others : [...others, [name, value]];
}

/** @returns the target with another item in its query, written as it stands */
export function withItem(target: string, item: string): string {
  return `${target}${target.includes("?") ? "&" : "?"}${item}`;
}

/** @returns the operations that a path is for, one for each of its methods */
export function operationsAt(
  path: string,
  operations: readonly OperationDescription[],
): readonly OperationDescription[] {
  const parts = path.split("/");
  return operations.filter((operation) => {
    const expected = operation.path.split("/");
    const fits = (part: string, index: number) =>
      part === parts[index] || (part.startsWith("{") && parts[index] !== "");
    return expected.length === parts.length && expected.every(fits);
  });
}
