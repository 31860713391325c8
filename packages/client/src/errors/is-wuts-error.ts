import { type CallName, WutsError, type WutsErrorOf } from "./wuts-error.ts";

/** Whether what was caught is a `WutsError`. @param error what was caught */
export function isWutsError(error: unknown): error is WutsError;
/**
 * Whether what was caught is the error of this call. Its `code` is then one that this call can fail with.
 * @param error what was caught
 * @param call the name of the call, as it is written after `wuts.`, such as `"devices.create"`
 */
export function isWutsError<Name extends CallName>(error: unknown, call: Name): error is WutsErrorOf<Name>;
export function isWutsError(error: unknown, call?: CallName): boolean {
  return error instanceof WutsError && (call === undefined || error.call === call);
}
