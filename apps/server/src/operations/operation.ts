import type { Answer, Contract, OperationId, Operations, operations } from "@wuts/contract";
import type { Devices } from "../devices/devices.ts";
import type { Caller } from "../storage/users.ts";

/** What a handler may use. */
export interface Services {
  readonly contract: Contract;
  readonly devices: Devices;
  readonly readiness: Readiness;
}

export interface Readiness {
  /** @throws Failure ServerNotReady when this server should get no traffic */
  check(): Promise<void>;
}

/** The operations that take no token. */
type PublicId = Extract<(typeof operations)[number], { public: true }>["operationId"];

/** A request as its handler sees it: validated against the contract, defaults filled in. */
export type Input<Id extends OperationId> = Pick<Operations[Id], "query" | "path" | "body"> &
  (Id extends PublicId ? unknown : { readonly caller: Caller });

/** A handler translates and nothing else: input to one call of a service, its result to an answer of the contract. */
export type Operation<Id extends OperationId> = (
  input: Input<Id>,
  services: Services,
) => Answer<Id> | Promise<Answer<Id>>;

/** One handler for each operation: none missing, none too many, or it does not compile. */
export type Handlers = { readonly [Id in OperationId]: Operation<Id> };
