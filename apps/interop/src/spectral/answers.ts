/** A JSON object of the contract. */
type Node = Readonly<Record<string, unknown>>;

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** @returns whether a place of the contract, a JSON pointer without escapes, is in what only the server writes */
export function answersOf(document: Node): (place: string) => boolean {
  const sent = sentByCallers(document);
  return (place) => {
    if (/^\/components\/(responses|headers)(\/|$)|^\/paths\/.*\/responses(\/|$)/.test(place)) return true;
    const [schema] = /^\/components\/schemas\/[^/]+/.exec(place) ?? [];
    return schema !== undefined && !sent.has(schema);
  };
}

/** @returns the components that parameters and bodies of requests refer to, or what these refer to */
function sentByCallers(document: Node): ReadonlySet<string> {
  const sent = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const reference = Reflect.get(value, "$ref");
    if (typeof reference === "string" && !sent.has(reference.slice(1))) {
      sent.add(reference.slice(1));
      look(reference.slice(2).split("/").reduce(childOf, document));
    }
    for (const child of Object.values(value)) look(child);
  };
  for (const path of Object.values(Object(document.paths))) {
    look(childOf(path, "parameters"));
    for (const method of methods)
      for (const part of ["parameters", "requestBody"]) look(childOf(childOf(path, method), part));
  }
  return sent;
}

function childOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
