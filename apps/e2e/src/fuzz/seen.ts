import fc from "fast-check";
import { isObject, type Schemas } from "./schemas.ts";
import type { BetterValues } from "./values.ts";

/** What a server has shown in its answers, to be asked for again. */
export interface Seen {
  /** Keeps the texts of an answer. */
  note(body: unknown): void;
  readonly values: BetterValues;
}

/**
 * Texts are kept under the last word of their name, so that a `device_id` may be any `id` that was shown and a `cursor` a
 * `next_cursor`.
 * @param spared what is never asked for again
 */
export function rememberAnswers(schemas: Schemas, spared: readonly string[] = []): Seen {
  const seen = new Map<string, string[]>();
  const note = (value: unknown, name = ""): void => {
    if (typeof value === "string" && !spared.includes(value)) keep(seen, lastWord(name), value);
    if (Array.isArray(value)) for (const item of value) note(item, name);
    if (isObject(value)) for (const [key, field] of Object.entries(value)) note(field, key);
  };
  return {
    note: (body) => note(body),
    values: (name, schema) => {
      const { format, pattern, ...others } = schemas.resolve(schema);
      if (format !== "uuid" && pattern === undefined) return undefined;
      // What was shown may be what was refused for more than a schema says.
      if ("x-checked-further" in others) return undefined;
      return fc.nat().map((index) => {
        const usable = (seen.get(lastWord(name)) ?? []).filter((value) => schemas.isValid(schema, value));
        return usable.length > 0 ? usable[index % usable.length] : undefined;
      });
    },
  };
}

/** The latest are worth the most: others may be gone. */
const mostKept = 8;

function keep(seen: Map<string, string[]>, name: string, value: string): void {
  const others = (seen.get(name) ?? []).filter((other) => other !== value);
  seen.set(name, [value, ...others].slice(0, mostKept));
}

function lastWord(name: string): string {
  return name.split("_").at(-1) ?? "";
}
