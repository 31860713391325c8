import type { OperationId, operations, StatusOf } from "@wuts/contract";
import type { World, WorldName } from "../support/worlds.ts";

/** One documented answer of one operation, and how to get it. The same case runs on every target. */
export interface Case extends Details {
  readonly operationId: OperationId;
  readonly status: number;
  /** The `error_code`; of a success, the name of the contract's example that it is like. */
  readonly outcome: string;
}

export interface Details {
  /** Tells cases of the same outcome apart. */
  readonly about?: string;
  readonly request?: RawRequest;
  /** Where the real server lives that can answer so; `usual` unless told otherwise. */
  readonly world?: WorldName;
  /**
   * Brings the world into the state that leads to the answer; a mock cannot be arranged and is told the outcome instead.
   * @param undo takes steps that leave the world as it was, run after the case in reverse order
   * @param send adds to the request, such as the id of a device that was made
   */
  arrange?(world: World, undo: Undo, send: (more: RawRequest) => void): Promise<unknown>;
  /** What the body must have, besides being as its schema says. */
  readonly shows?: object;
}

/** Takes a step that leaves the world as it was. */
export type Undo = (step: () => unknown) => void;

/** A request as it is sent; method and path come from the contract. */
export interface RawRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Instead of the one that the operation's role asks for; `false` sends none. */
  readonly token?: string | false;
}

/** Makes a case. What the contract does not have does not compile. */
export function produces<Id extends OperationId, Status extends StatusOf<Id>>(
  operationId: Id,
  status: Status,
  outcome: OutcomeOf<Id, Status>,
  details: Details = {},
): Case {
  return { operationId, status, outcome, ...details };
}

type OutcomeOf<Id extends OperationId, Status> = OutcomeIn<
  Extract<Extract<(typeof operations)[number], { operationId: Id }>["responses"][number], { status: Status }>
>;

type OutcomeIn<Response> = Response extends {
  readonly errorCodes: readonly (infer Code extends string)[];
  readonly examples: readonly (infer Example extends string)[];
}
  ? [Code] extends [never]
    ? Example
    : Code
  : never;
