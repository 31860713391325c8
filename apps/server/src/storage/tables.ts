import type { Role } from "../roles.ts";

/** The tables as Kysely sees them. Times are RFC 3339 text in UTC, ids are UUIDs. */
export interface Tables {
  tenants: TenantRow;
  users: UserRow;
  tokens: TokenRow;
  devices: DeviceRow;
  credentials: CredentialsRow;
  signal_keys: SignalKeyRow;
  registrations: RegistrationRow;
}

export interface TenantRow {
  id: string;
  name: string;
  created_at: string;
}

export interface UserRow {
  id: string;
  tenant_id: string;
  role: Role;
  created_at: string;
}

export interface TokenRow {
  id: string;
  user_id: string;
  /** SHA-256 of the token, hex. The token itself is stored nowhere. */
  hash: string;
  created_at: string;
}

/**
 * What a device is when it has no connection. `paired` and `replaced` devices are connected at start, the others stay
 * as they are until somebody acts.
 */
export type Standing = "unpaired" | "paired" | "disconnected" | "replaced" | "banned" | "logged_out";

export interface DeviceRow {
  id: string;
  user_id: string;
  name: string;
  standing: Standing;
  jid: string | null;
  lid: string | null;
  phone_number: string | null;
  last_activity_at: string | null;
  last_disconnect_reason: string | null;
  last_disconnect_code: number | null;
  last_disconnect_at: string | null;
  created_at: string;
  updated_at: string;
}

/** A device's identity towards WhatsApp. Written together with the keys that depend on it. */
export interface CredentialsRow {
  device_id: string;
  /** JSON, sealed. */
  creds: string;
  /** Which secret key opens it. */
  key_id: string;
}

/** One Signal key of a device. What it is for is readable (`id` may be a phone number or a LID), the key is not. */
export interface SignalKeyRow {
  device_id: string;
  type: string;
  id: string;
  /** JSON, sealed. */
  value: string;
  /** Which secret key opens it. */
  key_id: string;
}

/** Under which JID a number is registered: most often its own, else a Brazilian one with or without the ninth digit. */
export interface RegistrationRow {
  device_id: string;
  asked_jid: string;
  jid: string;
  checked_at: string;
}
