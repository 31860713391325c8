import type { OperationDescription, ResponseDescription } from "../src/shape.ts";

/** A JSON object of the contract whose content is looked at step by step. */
export type Json = Readonly<Record<string, unknown>>;

/** What the list of operations says about one operation, and what its types are made of. */
export interface OperationEntry extends OperationDescription {
  /** Query parameters that have a default, so that a validated request always has them. */
  readonly defaulted: readonly string[];
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

/** Reads every operation of an OpenAPI document, in the document's order. */
export function readOperations(document: Json): OperationEntry[] {
  return Object.entries(object(document.paths)).flatMap(([path, value]) => {
    const item = object(value);
    return methods
      .filter((method) => method in item)
      .map((method) => readOperation(document, path, item, method));
  });
}

/** Every `error_code` that any schema of the document allows, sorted; described operations or not. */
export function readErrorCodes(document: Json): string[] {
  const schemas = Object.values(object(object(document.components).schemas));
  const inline = readOperations(document).flatMap(({ responses }) => responses);
  const codes = [
    ...schemas.flatMap((schema) => errorCodesOf(document, object(schema))),
    ...inline.flatMap(({ errorCodes }) => errorCodes),
  ];
  return [...new Set(codes)].sort();
}

function readOperation(
  document: Json,
  path: string,
  item: Json,
  method: OperationDescription["method"],
): OperationEntry {
  const operation = object(item[method]);
  const where = `${method} ${path}`;
  const security = list(operation.security ?? document.security ?? []);
  const parameters = [...list(item.parameters ?? []), ...list(operation.parameters ?? [])].map((parameter) =>
    resolve(document, object(parameter)),
  );
  const responses = Object.entries(object(operation.responses))
    .map(([status, response]) =>
      readResponse(document, `${where} ${status}`, Number(status), object(response)),
    )
    .sort((a, b) => a.status - b.status);
  return {
    operationId: text(operation.operationId, `${where}: operationId`),
    method,
    path,
    tag: text(list(operation.tags ?? [])[0], `${where}: tags[0]`),
    public: security.length === 0,
    hasBody: operation.requestBody !== undefined,
    responses,
    defaulted: parameters
      .filter((parameter) => parameter.in === "query")
      .filter((parameter) => "default" in resolve(document, object(parameter.schema ?? {})))
      .map((parameter) => text(parameter.name, `${where}: a parameter's name`)),
  };
}

function readResponse(document: Json, where: string, status: number, reference: Json): ResponseDescription {
  if (!Number.isInteger(status)) throw new Error(`${where}: only numeric statuses are understood`);
  const contents = Object.entries(object(resolve(document, reference).content ?? {}));
  const [content] = contents;
  if (content === undefined || contents.length > 1)
    throw new Error(`${where}: expected exactly one content type`);
  const [contentType, media] = content;
  const { schema, examples } = object(media);
  return {
    status,
    errorCodes: status < 400 ? [] : errorCodesOf(document, object(schema)),
    contentType,
    envelope: "success" in object(resolve(document, object(schema)).properties ?? {}),
    examples: Object.keys(object(examples ?? {})),
  };
}

/** Follows references and alternatives down to the values of the property `error_code`. */
function errorCodesOf(document: Json, reference: Json): string[] {
  const schema = resolve(document, reference);
  const alternatives = [schema.oneOf, schema.anyOf, schema.allOf].flatMap((schemas) => list(schemas ?? []));
  const property = resolve(document, object(object(schema.properties ?? {}).error_code ?? {}));
  const own = "const" in property ? [property.const] : list(property.enum ?? []);
  return [
    ...own.map((code) => text(code, "error_code")),
    ...alternatives.flatMap((alternative) => errorCodesOf(document, object(alternative))),
  ];
}

function resolve(document: Json, value: Json): Json {
  if (typeof value.$ref !== "string") return value;
  const path = value.$ref.replace(/^#\//, "").split("/");
  const target = path.reduce<Json>((parent, key) => object(parent[key.replaceAll("~1", "/")]), document);
  return resolve(document, target);
}

function object(value: unknown): Json {
  if (!isObject(value)) throw new Error(`expected an object, found ${JSON.stringify(value)}`);
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`expected a list, found ${JSON.stringify(value)}`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`${what} is not a text`);
  return value;
}
