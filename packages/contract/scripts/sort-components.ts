import { parse } from "yaml";
import { asList, asObject, componentsFor, isObject, type Json } from "../src/document.ts";
import type { OpenApiDocument } from "../src/types.gen.ts";

/** Stands over what operations of several tags refer to, or none. */
const shared = "shared";

/**
 * Puts the components of a contract under banners, `# ---- contacts`: each under the tag whose operations refer to it, directly or by
 * other components. Within a banner the order stays.
 * @param yaml the contract, with components indented by four spaces
 */
export function sortComponents(yaml: string): string {
  const document = parse(yaml);
  const tagOf = tagsOfComponents(document);
  const tags = [shared, ...asList(document.tags).map((tag) => `${asObject(tag).name}`)];
  const lines = yaml.split("\n");
  const begin = lines.indexOf("components:") + 1;
  const sorted = sectionsIn(lines.slice(begin)).flatMap(({ head, entries }) => {
    const kind = head.trim().replace(":", "");
    const groups = Map.groupBy(entries, ({ name }) => tagOf(kind, name));
    const parts = tags.flatMap((tag) => {
      const group = groups.get(tag) ?? [];
      return group.length === 0 ? [] : [`    # ---- ${tag}`, ...group.flatMap((entry) => entry.lines)];
    });
    return [head, ...parts, ""];
  });
  return [...lines.slice(0, begin), ...sorted].join("\n").trimEnd().concat("\n");
}

interface Section {
  /** As `  schemas:`. */
  readonly head: string;
  readonly entries: readonly Entry[];
}

/** A component with the comments above it. */
interface Entry {
  readonly name: string;
  readonly lines: readonly string[];
}

function sectionsIn(lines: readonly string[]): Section[] {
  const sections: { head: string; entries: { name: string; lines: string[] }[] }[] = [];
  let above: string[] = [];
  /** Empty lines, which belong to a text when something of the same component follows. */
  let empty: string[] = [];
  for (const line of lines) {
    if (line === "") {
      empty.push(line);
      continue;
    }
    const skipped = empty;
    empty = [];
    if (/^ {2}\w+:$/.test(line)) {
      sections.push({ head: line, entries: [] });
      continue;
    }
    if (/^ {4}# -+ /.test(line)) continue;
    const entries = sections.at(-1)?.entries;
    const [, name] = /^ {4}(\w+):/.exec(line) ?? [];
    if (name !== undefined) {
      entries?.push({ name, lines: [...above, line] });
      above = [];
    } else if (/^ {4}#/.test(line)) above.push(line);
    else entries?.at(-1)?.lines.push(...skipped, line);
  }
  return sections;
}

function tagsOfComponents(document: OpenApiDocument): (kind: string, name: string) => string {
  const users = new Map<string, Set<string>>();
  for (const item of Object.values(document.paths)) {
    const { parameters, ...operations } = asObject(item);
    for (const operation of Object.values(operations).filter(isObject)) {
      const [tag] = asList(operation.tags);
      for (const key of keysOf(componentsFor({ parameters, operation }, document)))
        users.set(key, (users.get(key) ?? new Set()).add(`${tag}`));
    }
  }
  return (kind, name) => {
    const [tag = shared, ...others] = users.get(`${kind}/${name}`) ?? [];
    return others.length === 0 ? tag : shared;
  };
}

function keysOf(components: Readonly<Record<string, Json>>): string[] {
  return Object.entries(components).flatMap(([kind, named]) =>
    Object.keys(named).map((name) => `${kind}/${name}`),
  );
}
