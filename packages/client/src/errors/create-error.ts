import { statusOfCode } from "../generated/answers.gen.ts";
import {
  WutsAbortError,
  WutsAuthenticationError,
  WutsConflictError,
  WutsConnectionError,
  WutsNotFoundError,
  WutsPermissionError,
  WutsRateLimitError,
  WutsServerError,
  WutsTimeoutError,
  WutsValidationError,
} from "./families.ts";
import { WutsError, type WutsErrorFields } from "./wuts-error.ts";

/** Creates an error of the family that its code belongs to. An error in a stream has the status of the response, 200. */
export function createError(message: string, fields: WutsErrorFields): WutsError {
  const { code, status } = fields;
  const ofCode: Readonly<Record<string, number>> = statusOfCode;
  const Family = familyOfCode[code] ?? familyOf(ofCode[code] || status);
  return new Family(message, fields);
}

const familyOfCode: Readonly<Record<string, typeof WutsError | undefined>> = {
  NETWORK_ERROR: WutsConnectionError,
  TIMED_OUT: WutsTimeoutError,
  ABORTED: WutsAbortError,
  INVALID_ARGUMENT: WutsValidationError,
};

function familyOf(status: number): typeof WutsError {
  return familyOfStatus[status] ?? (status >= 500 ? WutsServerError : WutsError);
}

const familyOfStatus: Readonly<Record<number, typeof WutsError | undefined>> = {
  400: WutsValidationError,
  401: WutsAuthenticationError,
  403: WutsPermissionError,
  404: WutsNotFoundError,
  409: WutsConflictError,
  422: WutsConflictError,
  429: WutsRateLimitError,
  504: WutsTimeoutError,
};
