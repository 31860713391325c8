import DataLoader from "dataloader";

/**
 * Coalesces all calls of one turn of the event loop into one run of the work. It begins when the turn is over, so that no
 * caller gets a state from before its call.
 */
export function coalesce<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let next: Promise<Result> | undefined;
  return () => {
    next ??= endOfTurn().then(() => {
      next = undefined;
      return work();
    });
    return next;
  };
}

/**
 * Creates a batch loader: keys that are requested one by one in a turn of the event loop are loaded in one batch. It caches
 * nothing.
 * @param read called with each key once
 */
export function batchLoader<Key, Value>(
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  const load = async (keys: readonly Key[]) => {
    const found = await read([...new Set(keys)]);
    return keys.map((key) => found.get(key));
  };
  // As in `coalesce`: DataLoader's default begins before the turn is over.
  const batchScheduleFn = (dispatch: () => void) => void setImmediate(dispatch);
  const loader = new DataLoader<Key, Value | undefined>(load, { cache: false, batchScheduleFn });
  return (key) => loader.load(key);
}

/**
 * Creates a batch loader that runs one batch at a time: keys requested during a batch wait for the next. However many keys are
 * requested, one read is under way.
 * @param most the largest number of keys in a batch
 */
export function readInPieces<Key, Value>(
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
  most: number,
): (key: Key) => Promise<Value | undefined> {
  let waiting: { readonly key: Key; readonly answer: PromiseWithResolvers<Value | undefined> }[] = [];
  let isReading = false;
  const readAll = async () => {
    while (waiting.length > 0) {
      const piece = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const found = await read([...new Set(piece.map(({ key }) => key))]);
        for (const { key, answer } of piece) answer.resolve(found.get(key));
      } catch (error) {
        for (const { answer } of piece) answer.reject(error);
      }
    }
    isReading = false;
  };
  return (key) => {
    const answer = Promise.withResolvers<Value | undefined>();
    waiting.push({ key, answer });
    if (!isReading) {
      isReading = true;
      void readAll();
    }
    return answer.promise;
  };
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
