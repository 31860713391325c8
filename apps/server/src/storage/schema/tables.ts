import type { Role } from "../../kernel/roles.ts";

/** The tables as Kysely sees them. Times are RFC 3339 text in UTC, ids are UUIDs. */
export interface Tables {
  tenants: TenantRow;
  users: UserRow;
  tokens: TokenRow;
  sign_in_codes: SignInCodeRow;
  devices: DeviceRow;
  credentials: CredentialsRow;
  signal_keys: SignalKeyRow;
  registrations: RegistrationRow;
  contacts: ContactRow;
  kept_pictures: KeptPictureRow;
  picture_answers: PictureAnswerRow;
  audit: AuditRow;
  device_leases: DeviceLeaseRow;
  servers: ServerRow;
  probes: ProbeRow;
  idempotency_keys: IdempotencyKeyRow;
}

export interface TenantRow {
  id: string;
  /** No other tenant has it. */
  name: string;
  created_at: string;
  updated_at: string;
}

export interface UserRow {
  id: string;
  tenant_id: string;
  role: Role;
  /** As it was given; no other user of the tenant has it, in whatever case. The first admin has none. */
  email: string | null;
  /** 0: none of the user's tokens is taken. */
  active: 0 | 1;
  created_at: string;
  updated_at: string;
}

export interface TokenRow {
  id: string;
  user_id: string;
  /** SHA-256 of the token, hex. The token itself is stored nowhere. */
  hash: string;
  name: string;
  /** Of the token, 4 of them, to tell it from others; `null` for those that earlier versions made. */
  first_characters: string | null;
  /** `null`: never. */
  expires_at: string | null;
  /** Up to a minute behind. */
  last_used_at: string | null;
  /** 1: it was shown on a terminal when it was made. */
  printed: 0 | 1;
  /** The token that it was made with, and with which it ends; `null`: it ends with no other. */
  parent_id: string | null;
  /** Who made the sign-in code that it came from, or that its parent came from, when that was another user. */
  signed_in_by: string | null;
  created_at: string;
}

export interface SignInCodeRow {
  id: string;
  user_id: string;
  /** The token that it was made with, and with which it ends; `null` for those that earlier versions made. */
  parent_id: string | null;
  /** SHA-256 of the code, hex. The code itself is stored nowhere. */
  hash: string;
  expires_at: string;
  created_at: string;
}

/**
 * The state of a device without a connection. `paired` and `replaced` devices are connected at start, `banned` ones when their
 * ban is over; the others stay as they are until a user acts.
 */
export type PersistedState = "unpaired" | "paired" | "disconnected" | "replaced" | "banned" | "logged_out";

export interface DeviceRow {
  id: string;
  user_id: string;
  name: string;
  standing: PersistedState;
  jid: string | null;
  lid: string | null;
  phone_number: string | null;
  /** How many pictures it asks for in a minute for requests for many; `null`: as the server's setting says. */
  picture_pace_per_minute: number | null;
  last_activity_at: string | null;
  last_disconnect_reason: string | null;
  last_disconnect_code: number | null;
  last_disconnect_at: string | null;
  /** When WhatsApp's ban of the account ends; `null`: there is none, or WhatsApp did not say when it ends. */
  banned_until: string | null;
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

/** One Signal key of a device. Its type and id are readable (`id` may be a phone number or a LID), the key is not. */
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
  /** `null` where WhatsApp was not asked for it, or did not tell it. */
  lid: string | null;
  checked_at: string;
}

/**
 * A contact that a device knows. Each name is stored with the time at which WhatsApp sent it; a time of `null` means never, and
 * a time without a name says when the name was removed.
 */
export interface ContactRow {
  device_id: string;
  /** By number where that is known, else the LID. */
  jid: string;
  lid: string | null;
  phone_number: string | null;
  /** Of the phone's address book. */
  full_name: string | null;
  full_name_at: string | null;
  first_name: string | null;
  first_name_at: string | null;
  /** The name that the contact has chosen. */
  push_name: string | null;
  push_name_at: string | null;
  /** The verified name of a business. */
  business_name: string | null;
  business_name_at: string | null;
  /** The names in one line each, as `searchable` writes them. */
  search: string;
  /** When the device last heard of them; up to a day behind. */
  heard_at: string;
  updated_at: string;
}

/** A stored picture, for the account to which WhatsApp sent its id. */
export interface KeptPictureRow {
  /** Of the data folder that has the file; empty where the database is in that folder itself. */
  folder_id: string;
  device_id: string;
  /** The account that was linked to the device. */
  account_jid: string;
  /** Whose picture. */
  jid: string;
  picture_id: string;
  picture_size: "image" | "preview";
  /** SHA-256 of the bytes, hex: the name of their file. */
  hash: string;
  bytes: number;
  used_at: string;
}

/** A cached reply of WhatsApp about a picture, for one device. Only a found picture has an id and a location. */
export interface PictureAnswerRow {
  device_id: string;
  asked_jid: string;
  /** The size that was asked for. */
  picture_size: "image" | "preview";
  outcome: "found" | "not-set" | "hidden" | "not-on-whatsapp";
  /** The JID that answered. */
  jid: string;
  picture_id: string | null;
  /** The size that it has. */
  found_size: "image" | "preview" | null;
  /** `null` as well where WhatsApp said only that the picture is the one with that id. */
  url: string | null;
  direct_path: string | null;
  /** When the URL stops working; `null` where it does not say. */
  expires_at: string | null;
  told_at: string;
}

/** Which server works with a device. */
export interface DeviceLeaseRow {
  device_id: string;
  server_id: string;
  /** How many times the device was taken. */
  fence: number;
  /** When others may take it, in milliseconds since the epoch by the database's clock; 0: it was given up. */
  expires_at: number;
  /** Of the device, as its server noted it last; empty: not yet. */
  state: string;
}

/** A server that runs on the database. */
export interface ServerRow {
  id: string;
  /** Of the key that it encrypts with. */
  key_id: string;
  /** When it does not count as running any more, in milliseconds since the epoch by the database's clock. */
  expires_at: number;
}

/** The last write probe of a server. */
export interface ProbeRow {
  server_id: string;
  written_at: string;
}

/** A request with an `Idempotency-Key`: it is under way, or its answer is kept. */
export interface IdempotencyKeyRow {
  /** SHA-256 of owner and key, hex. */
  id: string;
  /** Whose key it is: the id of the user, or `master`. */
  owner: string;
  /** The token that the request was sent with, and with which the row goes; `null`: the master token. */
  token_id: string | null;
  /** The tenant that the request has made, and with which the row goes. */
  tenant_id: string | null;
  /** The run of a server that works, or has worked, on it. */
  server_id: string;
  /** Fencing token of the request: another one that takes the key over writes its own. */
  attempt_id: string;
  /** JSON, sealed: a digest of the request, and the answer when there is one. */
  sealed: string;
  /** Which secret key opens it. */
  key_id: string;
  /** Until when the answer is kept; `null` while the request is under way. */
  kept_until: string | null;
}

/** What an entry of the audit log may say. Entries with `user.promoted` are of earlier versions; none is added. */
export const auditActions = [
  "tenant.registered",
  "user.created",
  "user.updated",
  "user.promoted",
  "user.deleted",
  "token.created",
  "token.deleted",
  "device.created",
  "device.updated",
  "device.pairing_started",
  "device.connected",
  "device.disconnected",
  "device.logged_out",
  "device.deleted",
  "token.refused",
  "sign_in.refused",
  "access.denied",
] as const;

export type AuditAction = (typeof auditActions)[number];

export type AuditTarget = "tenant" | "user" | "token" | "device";

/**
 * Audit log: which user did what to which tenant, user, token or device. A row outlives them, but not the tenant it belongs to.
 */
export interface AuditRow {
  id: string;
  tenant_id: string;
  at: string;
  actor_kind: "user" | "master" | "system" | "unknown";
  actor_id: string | null;
  /** Who acted as that user, signed in with a code of their own making; `null`: the user. */
  actor_signed_in_by: string | null;
  /** The token that it was done with; `null` when it was none of a user, and for entries of earlier versions. */
  actor_token_id: string | null;
  action: AuditAction;
  target_type: AuditTarget;
  target_id: string;
  /** JSON, an object. */
  details: string;
  request_id: string | null;
}
