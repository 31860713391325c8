import type { IncomingMessage } from "node:http";

/** What one part of the way of a request notes on it for the others. */
export interface Notes<Value> {
  of(request: IncomingMessage): Value | undefined;
  set(request: IncomingMessage, value: Value): void;
}

/**
 * Keeps a value on requests, under a key that nobody else has. A WeakMap of requests would do the same, but each of its entries
 * costs the garbage collector more than the request itself.
 */
export function notesOnRequests<Value>(): Notes<Value> {
  const key = Symbol("note");
  return {
    // Under this key there is nothing but what `set` was given.
    of: (request) => Reflect.get(request, key) as Value | undefined,
    set: (request, value) => {
      Reflect.set(request, key, value);
    },
  };
}
