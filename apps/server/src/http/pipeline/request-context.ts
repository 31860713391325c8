/** What one part of the way of a request notes on something for the others. */
export interface ContextKey<Owner extends object, Value> {
  of(owner: Owner): Value | undefined;
  set(owner: Owner, value: Value): void;
}

/**
 * Keeps a value on what lives as long as a request, under a key that nobody else has. A WeakMap would do the same, but its
 * entries stay, with all that they refer to, until the garbage collector looks at everything: with some for each request that
 * costs more than the requests.
 */
export function createContextKey<Owner extends object, Value>(): ContextKey<Owner, Value> {
  const key = Symbol("note");
  return {
    // Under this key there is nothing but what `set` was given.
    of: (owner) => Reflect.get(owner, key) as Value | undefined,
    set: (owner, value) => {
      Reflect.set(owner, key, value);
    },
  };
}
