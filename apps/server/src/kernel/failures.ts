import { type FieldError, namedFieldErrors } from "@wuts/contract";

/**
 * Failures by name. A failure carries the text that the caller may know; `http/responses/errors.ts` has the one table that maps
 * each name to an HTTP status and `error_code`.
 */
export type FailureName =
  | "ValidationFailed"
  | "InvalidCursor"
  | "Unauthorized"
  | "Forbidden"
  | "RouteNotFound"
  | "MethodNotAllowed"
  | "PayloadTooLarge"
  | "UnsupportedMediaType"
  | "RangeNotSatisfiable"
  | "UserNotFound"
  | "TokenNotFound"
  | "SignInCodeNotFound"
  | "TenantNotFound"
  | "EmailTaken"
  | "LastAdmin"
  | "TenantExists"
  | "IdempotencyKeyInUse"
  | "IdempotencyKeyReused"
  | "RateLimited"
  | "QuotaReached"
  | "PairingLimited"
  | "PairingEnded"
  | "PasskeyRequired"
  | "DeviceNotFound"
  | "DeviceAmbiguous"
  | "DeviceNotPaired"
  | "DeviceAlreadyPaired"
  | "DeviceNotReady"
  | "DeviceBusy"
  | "DeviceElsewhere"
  | "NotOnWhatsApp"
  | "OwnAccount"
  | "AccountBanned"
  | "GroupNotFound"
  | "NotGroupAdmin"
  | "PictureNotSet"
  | "PictureHidden"
  | "WhatsAppRateLimited"
  | "WhatsAppError"
  | "WhatsAppUnreachable"
  | "WhatsAppTimeout"
  | "ServerNotReady"
  | "ServerBusy"
  | "StorageUnavailable"
  | "InternalError";

/** The user whose token or sign-in code no longer works. */
export interface RefusedHolder {
  readonly tenantId: string;
  readonly userId: string;
  /** `undefined`: it was a sign-in code. */
  readonly tokenId?: string;
  /** `ended`: the token that created it no longer works. */
  readonly reason: "expired" | "disabled" | "ended";
}

interface FailureDetails {
  /** Text for the caller, instead of the name's usual one. Must hold no secret and no number of another person. */
  readonly message?: string;
  /** Whole seconds, at least 1, instead of the name's usual ones. */
  readonly retryAfter?: number;
  readonly validation?: readonly FieldError[];
  /** The device ids that the caller has to choose from. */
  readonly candidates?: readonly string[];
  /** For the log only. */
  readonly cause?: unknown;
  /** The user whom a refused sign-in concerns; for the log and the audit trail only. */
  readonly refusedHolder?: RefusedHolder;
}

/** A failure that is expected to happen, as opposed to a bug, which is any other thrown value. */
export class Failure extends Error {
  override readonly name: FailureName;
  readonly retryAfter: number | undefined;
  readonly validation: readonly FieldError[] | undefined;
  readonly candidates: readonly string[];
  readonly refusedHolder: RefusedHolder | undefined;

  constructor(name: FailureName, details: FailureDetails = {}) {
    super(details.message ?? usualMessages[name], { cause: details.cause });
    this.name = name;
    this.retryAfter = details.retryAfter ?? usualRetryAfter[name];
    this.validation = details.validation;
    this.candidates = details.candidates ?? [];
    this.refusedHolder = details.refusedHolder;
  }
}

/** @returns the failure that lists these invalid fields, or the first ones of many; there must be at least one */
export function validationFailure(...problems: readonly FieldError[]): Failure {
  const validation = namedFieldErrors(problems);
  const more = problems.length > validation.length;
  return new Failure("ValidationFailed", {
    validation,
    ...(more && { message: `validation failed in ${problems.length} places, of which the first are named` }),
  });
}

/** Retryable failures and their default `Retry-After`, in seconds. */
export const usualRetryAfter: Partial<Record<FailureName, number>> = {
  DeviceBusy: 1,
  DeviceElsewhere: 1,
  DeviceNotReady: 1,
  ServerBusy: 1,
  // Most requests that make something take less.
  IdempotencyKeyInUse: 1,
  ServerNotReady: 5,
  StorageUnavailable: 5,
  WhatsAppUnreachable: 5,
  RateLimited: 60,
  PairingLimited: 3_600,
  // WhatsApp does not say how long to wait after `rate-overlimit`.
  WhatsAppRateLimited: 60,
};

const usualMessages: Record<FailureName, string> = {
  ValidationFailed: "validation failed",
  InvalidCursor:
    "the cursor must be the next_cursor of an earlier page of the same list, as it came; leave it out to begin again",
  Unauthorized: "a valid bearer token is required",
  Forbidden: "your role does not allow this",
  RouteNotFound: "there is nothing at this path",
  MethodNotAllowed: "this path does not take this method",
  PayloadTooLarge: "the body is too large",
  UnsupportedMediaType: "the body must be application/json",
  RangeNotSatisfiable: "there are no bytes in this range",
  UserNotFound: "there is no such user",
  TokenNotFound: "there is no such token",
  SignInCodeNotFound: "the code is unknown, was used already or has expired",
  TenantNotFound: "there is no such tenant",
  EmailTaken: "another user has this e-mail address",
  LastAdmin: "the last active admin of a tenant stays one",
  TenantExists: "there is a tenant of this name",
  IdempotencyKeyInUse:
    "a request with this Idempotency-Key is under way; send this one again in a moment, with the same key",
  IdempotencyKeyReused: "another request had this Idempotency-Key; send this one with a new key",
  QuotaReached: "there are as many already as there may be",
  PairingLimited: "too many pairings were begun in the last hour",
  PairingEnded: "another request has ended this pairing",
  PasskeyRequired:
    "WhatsApp asks for a passkey before it links this account, which this server cannot give; refresh=true tries again",
  RateLimited: "too many requests; wait for as long as Retry-After says",
  DeviceNotFound: "you have no such device",
  DeviceAmbiguous: "several devices could be meant; choose one with device_id",
  DeviceNotPaired: "the device is not paired; pair it with GET /qr or POST /paircode",
  DeviceAlreadyPaired: "the device is already paired; log it out first",
  DeviceNotReady: "the device is not connected to WhatsApp just now",
  DeviceBusy: "the device has too many queries waiting",
  DeviceElsewhere: "another server works with the device; ask that one",
  NotOnWhatsApp: "this number is not on WhatsApp",
  OwnAccount: "this is the device's own account, which can neither be blocked nor unblocked",
  AccountBanned: "WhatsApp refuses this account",
  GroupNotFound: "the account is in no such group",
  NotGroupAdmin: "only admins of the group may do this",
  PictureNotSet: "no profile picture is set",
  PictureHidden: "the profile picture is hidden from this account",
  WhatsAppRateLimited: "WhatsApp says slow down",
  WhatsAppError: "WhatsApp answered something this server does not understand",
  WhatsAppUnreachable:
    "WhatsApp cannot be reached from this server: `npx wuts doctor` says why, where the server runs",
  WhatsAppTimeout: "WhatsApp did not answer in time",
  ServerNotReady: "the server is shutting down",
  ServerBusy: "the server has as much under way as it can hold",
  StorageUnavailable: "the server's database does not answer, or has no room",
  InternalError: "internal error",
};
