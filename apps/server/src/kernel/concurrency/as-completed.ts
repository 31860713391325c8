/**
 * Yields the results of several promises in the order in which they settle.
 * @param heartbeatMs `undefined` is yielded after so many milliseconds without a result
 * @throws the reason of the first promise that rejects, in its place
 */
export async function* asCompleted<Result>(
  work: readonly Promise<Result>[],
  heartbeatMs: number,
): AsyncGenerator<Result | undefined> {
  const places = work.map(() => Promise.withResolvers<Result>());
  const free = places.values();
  for (const piece of work) {
    // One pending place for each promise, so a place is always left.
    const settled = () => free.next().value;
    piece.then(
      (result) => settled()?.resolve(result),
      (error: unknown) => settled()?.reject(error),
    );
  }
  // A consumer that stops reading does not see later rejections; they must not count as unhandled.
  for (const { promise } of places) promise.catch(() => undefined);
  for (const { promise } of places) {
    while (!(await settlesWithin(promise, heartbeatMs))) yield undefined;
    yield await promise;
  }
}

/** @returns whether the promise settles in time */
async function settlesWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), timeoutMs);
  try {
    const settled = promise.then(
      () => true,
      () => true,
    );
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
