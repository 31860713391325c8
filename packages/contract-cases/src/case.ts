import type { OperationId, operations, StatusOf } from "@wuts/contract";
import type { Accounts } from "./accounts.ts";
import { validRequest } from "./requests.ts";
import type { World, WorldName } from "./world.ts";

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
  /** What it does not say of path and body is as in the contract's examples; query parameters are those of the request. */
  readonly request?: RawRequest;
  /** Where the real server lives that can answer so; `usual` by default. */
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

/** What a `<operation-id>.cases.ts` exports as `cases`. */
export interface ContractCases {
  readonly operationId: OperationId;
  casesWith(accounts: Accounts): readonly Case[];
}

/** What cases are made with. */
export interface Given<Id extends OperationId> {
  /** Makes a case. A status or an outcome that the contract does not have for the operation does not compile. */
  produces<Status extends StatusOf<Id>>(
    status: Status,
    outcome: OutcomeOf<Id, Status>,
    details?: Details,
  ): Case;
  readonly accounts: Accounts;
}

/** The cases of an operation: how each outcome comes about that the contract tests cannot derive. */
export function contractCases<Id extends OperationId>(
  operationId: Id,
  make: (given: Given<Id>) => readonly Case[],
): ContractCases {
  const { path, body } = validRequest(operationId);
  const usual: RawRequest = { path, ...(body && { body }) };
  return {
    operationId,
    casesWith: (accounts) =>
      make({
        accounts,
        produces: (status, outcome, { request, ...details } = {}) => ({
          ...details,
          operationId,
          status,
          outcome,
          request: { ...usual, ...request },
        }),
      }),
  };
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
