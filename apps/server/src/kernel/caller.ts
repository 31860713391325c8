import type { Role } from "./roles.ts";

/** Who sends a request: a user, known by a token. */
export interface Caller {
  readonly kind: "user";
  readonly userId: string;
  readonly tenantId: string;
  readonly role: Role;
  readonly tokenId: string;
  /** Who signed in as this user, with a code that they made; `null`: it is the user. */
  readonly signedInBy: string | null;
  /** Of the request, for the audit trail. */
  readonly requestId: string;
}

/** Who sends a request with the master token: whoever runs the server. */
export interface MasterCaller {
  readonly kind: "master";
  readonly requestId: string;
}

/** Who may see the metrics, and nothing else: whoever has their token, or everybody. */
export interface MetricsCaller {
  readonly kind: "metrics";
  /** Whether no token was asked for. */
  readonly isAnybody: boolean;
  readonly requestId: string;
}
