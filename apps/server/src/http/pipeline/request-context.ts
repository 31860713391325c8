/** A key for a request-scoped value that one middleware stores and others read. */
export interface ContextKey<Owner extends object, Value> {
  of(owner: Owner): Value | undefined;
  set(owner: Owner, value: Value): void;
}

/**
 * Creates a key under which a value is stored on an object that lives as long as a request. No other code has this key. A
 * WeakMap would do the same, but its entries, and the objects that they refer to, stay until a full garbage collection: with
 * several entries for each request that costs more than the requests.
 */
export function createContextKey<Owner extends object, Value>(): ContextKey<Owner, Value> {
  const key = Symbol("note");
  return {
    // The property under this key is only ever written by `set`.
    of: (owner) => Reflect.get(owner, key) as Value | undefined,
    set: (owner, value) => {
      Reflect.set(owner, key, value);
    },
  };
}
