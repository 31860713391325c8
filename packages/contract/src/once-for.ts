/**
 * Caches what depends on one object alone, such as a contract or its document, once for the whole process: all servers of a process
 * share what is derived from the contract that they share. Compiling the schemas again for each server took a quarter of the time of
 * the contract tests.
 */
export function onceFor<Key extends object, Made extends object>(
  make: (key: Key) => Made,
): (key: Key) => Made {
  const made = new WeakMap<Key, Made>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}
