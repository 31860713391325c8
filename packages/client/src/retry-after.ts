/**
 * The seconds that a `Retry-After` header asks to wait, rounded up; `undefined` when there is none or it cannot be read.
 * A server of ours sends seconds; a proxy in front of it may send a date.
 */
export function secondsToWait(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const seconds = Math.ceil((Date.parse(retryAfter) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
