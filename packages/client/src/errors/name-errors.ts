import { callNames } from "../generated/answers.gen.ts";
import { WutsError } from "./wuts-error.ts";

/**
 * Says in an error which call failed. Another call's error, such as the reason of a caller's signal, keeps its own name.
 * @param method in upper case @param path as the contract has it, such as `/devices/{device_id}`
 * @returns the same error
 */
export function nameError<Failure>(error: Failure, method: string, path: string): Failure {
  const names: Readonly<Record<string, string>> = callNames;
  const call = names[`${method} ${path}`];
  if (error instanceof WutsError && error.call === undefined) Object.assign(error, { call });
  return error;
}
