import { type ErrorCode, type FieldError, namedFieldErrors } from "@wuts/contract";

export type { FieldError };

/** A failure that becomes an error response of the contract. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly validation: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: Refusal["code"], message: string, more: RefusalDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.validation = more.validation;
    this.headers = more.headers ?? {};
  }
}

interface RefusalDetails {
  readonly validation?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The failures that the mock detects itself, with the status and `error_code` of the server. */
export const refusals = {
  invalid: (problems: readonly FieldError[]) =>
    new Refusal(400, "VALIDATION_ERROR", "validation failed", { validation: namedFieldErrors(problems) }),
  unauthorized: () =>
    new Refusal(401, "UNAUTHORIZED", "a valid bearer token is required", {
      headers: { "WWW-Authenticate": "Bearer" },
    }),
  notFound: () => new Refusal(404, "NOT_FOUND", "there is nothing at this path"),
  methodNotAllowed: (allowed: readonly string[]) =>
    new Refusal(405, "METHOD_NOT_ALLOWED", "this path does not take this method", {
      headers: { Allow: allowed.join(", ") },
    }),
  payloadTooLarge: (limit: number) =>
    new Refusal(413, "PAYLOAD_TOO_LARGE", `the body is larger than ${limit} bytes`),
  unsupportedMediaType: () => new Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json"),
};
