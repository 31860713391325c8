/**
 * Gives what comes of several pieces of work, in the order in which it comes.
 * @param pulseMs after so long without anything, `undefined` is given, in milliseconds
 * @throws what the first piece that fails throws, when its turn has come
 */
export async function* arrivals<Result>(
  work: readonly Promise<Result>[],
  pulseMs: number,
): AsyncGenerator<Result | undefined> {
  const places = work.map(() => Promise.withResolvers<Result>());
  const free = places.values();
  for (const piece of work) {
    // One place for each: there is always one left.
    const settled = () => free.next().value;
    piece.then(
      (result) => settled()?.resolve(result),
      (error: unknown) => settled()?.reject(error),
    );
  }
  // Whoever stops reading does not hear of the failures after that.
  for (const { promise } of places) promise.catch(() => undefined);
  for (const { promise } of places) {
    while (!(await isThere(promise, pulseMs))) yield undefined;
    yield await promise;
  }
}

/** @returns whether it is settled in time */
async function isThere(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
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
