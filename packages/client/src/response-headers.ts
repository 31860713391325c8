/** @returns the id of the request that a response is to, for logs and support */
export function requestIdOf({ headers }: Response): string | undefined {
  return headers.get("X-Request-Id") ?? undefined;
}

/**
 * Parses a `Retry-After` header. WUTS sends seconds; a proxy may send a date.
 * @returns the seconds to wait, rounded up; `undefined` when the header is missing or malformed
 */
export function secondsToWait(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const seconds = Math.ceil((Date.parse(retryAfter) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
