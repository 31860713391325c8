/** How each property of an object is made. */
export type Makers<Made extends object> = { readonly [Name in keyof Made]: () => Made[Name] };

/**
 * @param makers each is called once, when its property is first read
 * @returns an object that keeps what they make
 */
export function lazily<Made extends object>(makers: Makers<Made>): Made {
  const made = {} as Made;
  for (const name in makers)
    Object.defineProperty(made, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value = makers[name]();
        Object.defineProperty(made, name, { value });
        return value;
      },
    });
  return made;
}
