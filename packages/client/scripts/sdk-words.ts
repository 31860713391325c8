import { type OperationDescription, operations } from "@wuts/contract";
import { asObject, isObject, resolveIn } from "@wuts/contract/document";
import { methodName } from "./method-name.ts";

/**
 * Says a text of the contract in the words of the SDK: a call instead of a method with a path, and codes and properties of errors
 * instead of statuses and headers. What is only about how a request is written is left out, because the client writes it.
 * @throws Error when the text names an operation that the contract does not have
 */
export function inSdkWords(text: string): string {
  return wordings.reduce((said, [pattern, wording]) => said.replaceAll(pattern, wording), text);
}

/** Says a text about an operation in the words of the SDK: the statuses of its errors are their codes. */
export function operationInSdkWords(
  text: string,
  { responses }: Pick<OperationDescription, "responses">,
): string {
  return inSdkWords(text).replaceAll(
    /\b((?:answers|answered|answer is|else) )([45]\d\d)\b/g,
    (_all, before: string, status: string) => {
      const codes = responses.find((each) => each.status === Number(status))?.errorCodes ?? [];
      if (codes.length === 0) throw new Error(`a text names ${status}, which is no status of its operation`);
      return `${before}${codes.map((code) => `\`${code}\``).join(" or ")}`;
    },
  );
}

/** Says all descriptions and summaries of a contract in the words of the SDK. Modifies the document. */
export function sayInSdkWords(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if ((key === "description" || key === "summary") && typeof value === "string")
      Reflect.set(node, key, inSdkWords(value));
    else sayInSdkWords(value);
  }
}

/**
 * A property that refers to a schema has the description of the schema, in the contract and in what is generated; editors
 * show a property its own only. Modifies the document.
 */
export function describeProperties(document: object): void {
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const property of Object.values(asObject(Reflect.get(node, "properties"))))
      if (isObject(property) && property.$ref !== undefined && property.description === undefined)
        Reflect.set(property, "description", resolveIn(document, property).description);
    Object.values(node).forEach(visit);
  };
  visit(document);
}

type Wording = readonly [pattern: RegExp, wording: (...found: string[]) => string];

const wordings: readonly Wording[] = [
  [/`(GET|POST|PUT|PATCH|DELETE) (\/[^\s`]*)`/g, (_all, method = "", path = "") => nameOfCall(method, path)],
  // A status adds nothing to its code, and the first word of "answers 200" says enough.
  [/\b[1-5]\d\d (?=`[A-Z_]+`)/g, () => ""],
  [/\b([Aa]nswers) 2\d\d\b/g, (_all, answers = "") => answers],
  [/\b304\b/g, () => "`NOT_MODIFIED`"],
  [/ in the envelope\b/g, () => ""],
  [/`Retry-After`/g, () => "`error.retryAfter`"],
  [/`request_id`/g, () => "`error.requestId`"],
  [/`Accept: application\/x-ndjson`/g, () => "its `Stream` method"],
  [/`([a-z_]+)=(true|false)`/g, (_all, name, value) => `\`${name}: ${value}\``],
  [/`data\.(\w+)`/g, (_all, name) => `\`${name}\``],
  [/ ?Encode `\+` as `%2B`[^.]*\./g, () => ""],
];

function nameOfCall(method: string, target: string): string {
  const path = target.replace(/\?.*$/, "");
  const named = operations.find((each) => each.method === method.toLowerCase() && each.path === path);
  if (named === undefined) throw new Error(`a text names ${method} ${path}, which is no operation`);
  return `\`wuts.${named.tag}.${methodName(named.tag, named.operationId)}()\``;
}
