import type { Mutex } from "async-mutex";

/**
 * Resolves when the work that has been given to a mutex so far is over, whatever is given to it afterwards. The mutex's own
 * `waitForUnlock` waits until nothing is waiting, which under a steady load is never.
 */
export function workSoFar(mutex: Mutex): Promise<void> {
  return mutex.runExclusive(() => undefined);
}
