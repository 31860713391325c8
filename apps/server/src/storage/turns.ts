/**
 * Does work once for all who ask for it in one turn of the event loop. It begins when the turn is over, so that nobody is
 * given what was so before they asked.
 */
export function onceATurn<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let next: Promise<Result> | undefined;
  return () => {
    next ??= endOfTurn().then(() => {
      next = undefined;
      return work();
    });
    return next;
  };
}

/** Reads in one piece what is asked for one by one in a turn of the event loop, as `onceATurn` does it. */
export function readTogether<Key, Value>(
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let asked = new Set<Key>();
  const readAsked = onceATurn(() => {
    const keys = [...asked];
    asked = new Set();
    return read(keys);
  });
  return async (key) => {
    asked.add(key);
    return (await readAsked()).get(key);
  };
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
