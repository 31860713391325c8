import type { Answer, Contract, OperationId, Operations, operations } from "@wuts/contract";
import type { AuditTrail } from "../accounts/audit-trail.ts";
import type { Tenants } from "../accounts/tenants.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { Users } from "../accounts/users.ts";
import type { Caller, MasterCaller, MetricsCaller } from "../kernel/caller.ts";
import type { DeviceRegistry } from "../sessions/device-registry.ts";
import type { SessionService } from "../sessions/session-service.ts";
import type { KeepResponse } from "../storage/idempotency/keep-response.ts";
import type { DeviceServices } from "./device-services.ts";

/** The services that a handler may use. */
export interface Services {
  readonly contract: Contract;
  readonly devices: DeviceRegistry<DeviceServices>;
  readonly sessions: SessionService;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly tenants: Tenants;
  readonly audit: AuditTrail;
  readonly readiness: Readiness;
  readonly metrics: MetricsText;
}

export interface MetricsText {
  /** @returns the metrics so far, in Prometheus' text format */
  text(): Promise<string>;
}

export interface Readiness {
  /**
   * @returns whether there may be paired devices that have not been connected since the start
   * @throws Failure ServerNotReady when this server should get no traffic
   */
  check(): Promise<{ readonly restoring: boolean }>;
}

/** The operations that take no token. */
type PublicId = Extract<(typeof operations)[number], { public: true }>["operationId"];

/** The operations that take the master token. */
type MasterId = Extract<(typeof operations)[number], { role: "master" }>["operationId"];

/** The operations that take the token for metrics. */
type MetricsId = Extract<(typeof operations)[number], { role: "metrics" }>["operationId"];

/** The operations that take an `Idempotency-Key`. */
type KeyedId = Extract<(typeof operations)[number], { takesIdempotencyKey: true }>["operationId"];

/** The type of the caller that may send a request for the operation; `authorize` has checked it. */
type CallerOf<Id extends OperationId> = Id extends MasterId
  ? MasterCaller
  : Id extends MetricsId
    ? MetricsCaller
    : Caller;

/** A request as its handler sees it: validated against the contract, defaults filled in. */
export type Input<Id extends OperationId> = Pick<Operations[Id], "query" | "path" | "body"> & {
  readonly requestId: string;
  /** Aborted when the client has disconnected or the caller's token has ended. */
  readonly signal: AbortSignal;
  /** Whether the client prefers NDJSON. Only where the contract has such a response. */
  readonly acceptsNdjson: boolean;
  /** The address that the client has used, without a slash at the end, such as `https://wuts.example.com`. */
  readonly address: string;
  /** Whether `Cache-Control: no-cache` asks for the current state instead of a cached value. */
  readonly noCache: boolean;
} & (Id extends PublicId ? unknown : { readonly caller: CallerOf<Id> }) &
  (Id extends KeyedId ? { readonly keep: KeepResponse } : unknown);

/** A handler only translates: its input to one call of a service, and the result to a response of the contract. */
export type Operation<Id extends OperationId> = (
  input: Input<Id>,
  services: Services,
) => Answer<Id> | Promise<Answer<Id>>;

/** One handler for each operation: a missing or an extra one does not compile. */
export type Handlers = { readonly [Id in OperationId]: Operation<Id> };
