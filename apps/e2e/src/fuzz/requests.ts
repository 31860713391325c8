import type { Contract, OperationDescription } from "@wuts/contract";
import { isObject, type Json, list, object, objectsIn, type Schemas, typesOf } from "./schemas.ts";

/** What the contract says about the requests of one operation. */
export interface DescribedRequest {
  readonly operation: OperationDescription;
  readonly inputs: readonly Input[];
  readonly body: DescribedBody | undefined;
}

/** A parameter. */
export interface Input {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Json;
  /** Values that the contract shows, all of them allowed. */
  readonly examples: readonly unknown[];
}

export interface DescribedBody {
  readonly required: boolean;
  readonly schema: Json;
  readonly examples: readonly unknown[];
}

/**
 * Reads what requests look like.
 * @throws Error for what requests cannot be made for, so that no part of the contract goes without tests in silence
 */
export function requestsOf(
  { document, operations }: Contract,
  schemas: Schemas,
): readonly DescribedRequest[] {
  return operations.map((operation) => {
    const item = object(Reflect.get(document.paths, operation.path));
    const described = object(item[operation.method]);
    const asked = askedIn(described, schemas);
    const parameters = [...objectsIn(item.parameters), ...objectsIn(described.parameters)]
      .map((parameter) => schemas.resolve(parameter))
      // Headers that may be left out have tests of their own.
      .filter((parameter) => parameter.in !== "header" || parameter.required === true)
      .map((parameter) => readInput(parameter, schemas, asked));
    // What an operation says of a parameter counts, whatever its path says.
    const inputs = new Map(parameters.map((input) => [`${input.in} ${input.name}`, input]));
    return { operation, inputs: [...inputs.values()], body: readBody(described, schemas, asked) };
  });
}

/** What a text in a path, a query or a header may mean: it is a text, and may be a number or a boolean besides. */
function meaningsOf(text: string): unknown[] {
  const isNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text);
  return [
    text,
    ...(isNumber ? [Number(text)] : []),
    ...(text === "true" ? [true] : []),
    ...(text === "false" ? [false] : []),
  ];
}

/** Whether the contract allows a parameter with this text. A query has no empty values: that is OpenAPI's default. */
export function allowsText(input: Input, text: string, schemas: Schemas): boolean {
  return text !== "" && meaningsOf(text).some((meaning) => schemas.isValid(input.schema, meaning));
}

/** Whether a parameter can be sent with this text: a header has bytes only, none of control, and no space around them. */
export function canCarry({ in: place }: Pick<Input, "in">, text: string): boolean {
  return place !== "header" || /^(?:[!-~\x80-\xff](?:[ -~\x80-\xff]*[!-~\x80-\xff])?)?$/.test(text);
}

function readInput(parameter: Json, schemas: Schemas, asked: readonly Json[]): Input {
  const { name, in: place, required = false, schema, style, explode, ...rest } = parameter;
  const known = ["description", "deprecated", "example", "examples"];
  const unknown = Object.keys(rest).filter((key) => !known.includes(key) && !key.startsWith("x-"));
  const isUsual =
    (style ?? usualStyles[String(place)]) === usualStyles[String(place)] && explode === undefined;
  if (typeof name !== "string" || !isPlace(place) || unknown.length > 0 || !isUsual)
    throw new Error(`no requests are made with the parameter ${JSON.stringify(parameter)}`);
  const described = object(schema);
  const structured = typesOf(schemas.resolve(described)).filter((type) =>
    ["array", "object", "null"].includes(type),
  );
  if (structured.length > 0)
    throw new Error(`no ${structured.join(" or ")} is written into the ${place} for ${name}`);
  const shown = [
    ...["example", "x-unsent-example"].flatMap((key) => (key in rest ? [rest[key]] : [])),
    ...examplesIn(rest.examples),
    ...asked.flatMap((fields) => (name in fields ? [fields[name]] : [])),
  ];
  return {
    name,
    in: place,
    required: required === true,
    schema: described,
    examples: shown.filter((value) => schemas.isValid(described, value)),
  };
}

const usualStyles: Readonly<Record<string, string>> = { path: "simple", query: "form", header: "simple" };

function isPlace(place: unknown): place is Input["in"] {
  return place === "path" || place === "query" || place === "header";
}

function readBody(operation: Json, schemas: Schemas, asked: readonly Json[]): DescribedBody | undefined {
  if (operation.requestBody === undefined) return undefined;
  const { required = false, content } = schemas.resolve(object(operation.requestBody));
  const { "application/json": media, ...others } = object(content);
  if (Object.keys(others).length > 0)
    throw new Error(`no bodies are made of ${Object.keys(others).join(", ")}`);
  const { schema, example, examples } = object(media);
  const shown = [...(example === undefined ? [] : [example]), ...examplesIn(examples)];
  const [first] = shown.filter(isObject);
  const described = object(schema);
  const fields = object(schemas.resolve(described).properties ?? {});
  const more = asked
    .filter((each) => Object.keys(each).every((name) => name in fields))
    .map((each) => ({ ...first, ...each }));
  return {
    required: required === true,
    schema: described,
    examples: [...shown, ...more].filter((value) => schemas.isValid(described, value)),
  };
}

/** Every `x-request` of the operation's answers, but of those that say that something is broken. */
function askedIn(operation: Json, schemas: Schemas): Json[] {
  return Object.entries(object(operation.responses))
    .filter(([status]) => status !== "500")
    .flatMap(([, response]) => Object.values(object(schemas.resolve(object(response)).content ?? {})))
    .flatMap((media) => Object.values(object(object(media).examples ?? {})))
    .flatMap((example) => objectsIn(schemas.resolve(object(example))["x-request"]));
}

function examplesIn(examples: unknown): unknown[] {
  if (examples === undefined) return [];
  if (Array.isArray(examples)) return [...list(examples)];
  return Object.values(object(examples)).map((example) => object(example).value);
}
