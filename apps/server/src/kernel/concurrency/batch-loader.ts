import DataLoader from "dataloader";

/**
 * Does work once for all callers of one turn of the event loop. It begins when the turn is over, so that no caller is given
 * what was so before its call.
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
 * Loads in one batch what is asked for one by one in a turn of the event loop. Nothing is cached.
 * @param read is given each key once
 */
export function batchLoader<Key, Value>(
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  const load = async (keys: readonly Key[]) => {
    const found = await read([...new Set(keys)]);
    return keys.map((key) => found.get(key));
  };
  // As in `coalesce`: the default of the library begins before the turn is over.
  const batchScheduleFn = (dispatch: () => void) => void setImmediate(dispatch);
  const loader = new DataLoader<Key, Value | undefined>(load, { cache: false, batchScheduleFn });
  return (key) => loader.load(key);
}

/**
 * Reads what is asked for one by one, in one piece after the other: while one is being read, what is asked for next waits for the
 * next one. However much is asked for, one read is under way.
 * @param most how many keys are read in one piece
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
