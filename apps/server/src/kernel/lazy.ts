/**
 * Puts off making a value until it is needed.
 * @param make called once, at the first call of what is returned
 */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
