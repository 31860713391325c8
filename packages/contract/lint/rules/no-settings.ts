import { isObject, type Location, type Rule } from "../redocly.ts";

/**
 * Descriptions and summaries name no setting of the server. Callers read them, and they neither see nor change settings: a
 * description says what the setting means for them. What operators read is generated from the settings themselves.
 */
export const noSettings: Rule = () => ({
  Root(document, { report, location }) {
    for (const [text, place] of proseOf(document, location)) {
      const [setting] = /\bWUTS_[A-Z0-9_]+/.exec(text) ?? [];
      if (setting !== undefined)
        report({
          message: `\`${setting}\` is a setting, which callers do not know: say what it means for them.`,
          location: place,
        });
    }
  },
});

/** Every description and summary, and where it is; what examples consist of is data, whatever its fields are called. */
function* proseOf(node: unknown, location: Location, areNames = false): Generator<[string, Location]> {
  const children = Array.isArray(node) ? node.entries() : isObject(node) ? Object.entries(node) : [];
  for (const [key, child] of children) {
    const place = location.child([key]);
    if ((key === "description" || key === "summary") && typeof child === "string") yield [child, place];
    else if (areNames || (key !== "value" && key !== "example"))
      yield* proseOf(child, place, key === "properties");
  }
}
