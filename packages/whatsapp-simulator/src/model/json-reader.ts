/** Reads a value that came from JSON, and says where it is wrong. */
export class JsonReader {
  readonly #value: unknown;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    this.#value = value;
    this.#where = where;
  }

  /** @throws Error when this is not an object. An absent field reads as undefined. */
  field(name: string): JsonReader {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.#wrong("an object");
    return new JsonReader(Reflect.get(value, name), `${this.#where}.${name}`);
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  list(): JsonReader[] {
    if (!Array.isArray(this.#value)) throw this.#wrong("a list");
    return this.#value.map((value: unknown, index) => new JsonReader(value, `${this.#where}[${index}]`));
  }

  text(): string {
    if (typeof this.#value !== "string") throw this.#wrong("text");
    return this.#value;
  }

  integer(): number {
    if (!Number.isSafeInteger(this.#value) || typeof this.#value !== "number")
      throw this.#wrong("an integer");
    return this.#value;
  }

  truth(): boolean {
    if (typeof this.#value !== "boolean") throw this.#wrong("true or false");
    return this.#value;
  }

  optional<T>(read: (reader: JsonReader) => T): T | undefined {
    return this.#value === undefined || this.#value === null ? undefined : read(this);
  }

  #wrong(expected: string): Error {
    return new Error(`${this.#where} is not ${expected}`);
  }
}
