/**
 * Says in words what a JSON pointer into a contract means: `#/paths/~1qr/get/parameters/1/schema` is
 * `GET /qr, parameter refresh`. What it does not know, it leaves as it is.
 */
export function placeOf(pointer: string, document: unknown): string {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const [root, path = "", method = "", ...inside] = keys;
  if (root !== "paths") return keys.join("/");
  const node = ["paths", path, method].reduce((parent, key) => child(parent, key, document), document);
  const words = [`${method.toUpperCase()} ${path}`.trim(), ...wordsOf(inside, node, document)];
  return words.join(", ").replaceAll(/, (?=[.[])/g, "");
}

/** @returns words of which those that begin with `.` or `[` belong to the one before */
function wordsOf(keys: readonly string[], node: unknown, document: unknown, inField = false): string[] {
  const [key, name, ...rest] = keys;
  if (key === undefined) return [];
  const inside = child(node, key, document);
  const named = name === undefined ? undefined : child(inside, name, document);
  const word = name === undefined ? undefined : wordFor(key, name, named, inField);
  if (word !== undefined) return [...word, ...wordsOf(rest, named, document, key === "properties")];
  const plain = { schema: [], items: ["[]"], requestBody: ["body"] }[key] ?? [key];
  return [...plain, ...wordsOf(keys.slice(1), inside, document, inField || key === "items")];
}

/** @returns nothing when `name` is not a name that was given to something */
function wordFor(key: string, name: string, named: unknown, inField: boolean): string[] | undefined {
  if (key === "parameters") return [`parameter ${isObject(named) ? named.name : name}`];
  if (key === "properties") return [`${inField ? "." : ""}${name}`];
  if (key === "responses") return [`answer ${name}`];
  if (key === "headers") return [`header ${name}`];
  if (key === "examples") return [`example ${name}`];
  return key === "content" ? [] : undefined;
}

/** What stands under a key, behind its references; nothing where there is nothing. */
function child(parent: unknown, key: string, document: unknown): unknown {
  const value = isObject(parent) ? parent[key] : undefined;
  if (!isObject(value) || typeof value.$ref !== "string") return value;
  return value.$ref
    .split("/")
    .slice(1)
    .reduce((node, name) => child(node, name.replaceAll("~1", "/"), document), document);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
