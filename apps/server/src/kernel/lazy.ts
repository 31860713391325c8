/**
 * Defers creating a value until it is needed, and keeps it.
 * @param make called once, at the first call of the returned function
 */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
