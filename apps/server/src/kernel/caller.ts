import type { Role } from "./roles.ts";

/** A caller that is a user, identified by a token. */
export interface Caller {
  readonly kind: "user";
  readonly userId: string;
  readonly tenantId: string;
  readonly role: Role;
  readonly tokenId: string;
  /** The user who signed in as this user, with a code that they made; `null`: it is the user themselves. */
  readonly signedInBy: string | null;
  /** The id of the request, for the audit trail. */
  readonly requestId: string;
}

/** A caller with the master token: the operator of the server. */
export interface MasterCaller {
  readonly kind: "master";
  readonly requestId: string;
}

/**
 * A caller that may see the metrics and nothing else: the holder of the metrics token, or any client where none is required.
 */
export interface MetricsCaller {
  readonly kind: "metrics";
  /** Whether no token was required. */
  readonly isAnybody: boolean;
  readonly requestId: string;
}
