import { type Context, isObject, type Json, type Rule } from "../redocly.ts";

/** Our extensions of OpenAPI, and on what each of them is understood. */
const extensions: Readonly<Record<string, readonly string[]>> = {
  "x-checked-further": ["Schema"],
  "x-max-together": ["Schema"],
  "x-enumDescriptions": ["Schema"],
  "x-only-with": ["Header"],
  "x-open": ["Schema"],
  "x-redact": ["Schema", "Parameter", "Header"],
  "x-request": ["Example"],
  "x-requires-one-of": ["Operation"],
  "x-role": ["Operation"],
  "x-strict": ["Schema"],
  "x-unsent-example": ["Parameter"],
};

/** A field that begins with `x-` is one that something reads: a misspelt one would be ignored in silence. */
export const knownExtensions: Rule = () => ({
  any(node: Json, { report, location, type }: Context) {
    if (type.extensionsPrefix === undefined || !isObject(node)) return;
    for (const name of Object.keys(node).filter((key) => key.startsWith("x-"))) {
      const places = extensions[name] ?? [];
      if (!places.includes(type.name))
        report({
          message:
            places.length === 0
              ? `Nothing reads \`${name}\`.`
              : `Nothing reads \`${name}\` here; it belongs on: ${places.join(", ")}.`,
          location: location.child([name]).key(),
        });
    }
  },
});
