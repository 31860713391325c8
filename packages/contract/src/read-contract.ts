import { asObject, isObject, type Json, linesType, propertiesIn, resolveIn } from "./document.ts";
import type { ErrorDescription, OperationDescription, ResponseDescription } from "./operation-types.ts";

/** The description of an operation, with the properties that its types are generated from. */
export interface OperationEntry extends OperationDescription {
  /** Query parameters that have a default, so that a validated request always has them. */
  readonly defaulted: readonly string[];
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

/** @returns all operations of an OpenAPI document, in the document's order */
export function readOperations(document: Json): OperationEntry[] {
  return Object.entries(object(document.paths)).flatMap(([path, value]) => {
    const item = object(value);
    return methods
      .filter((method) => method in item)
      .map((method) => readOperation(document, path, item, method));
  });
}

/** @returns all `error_code`s of the document's responses, sorted, including responses that no operation uses */
export function readErrors(document: Json): ErrorDescription[] {
  const described = readOperations(document).flatMap(({ responses }) => responses);
  // Responses to requests without an operation, such as 404, are in the components only.
  const shared = Object.entries(object(object(document.components).responses ?? {})).flatMap(
    ([name, response]) =>
      readAnswers(document, name, object(response)).map((answer) => ({ name, ...answer })),
  );
  const paths = JSON.stringify(document.paths);
  const forNone = shared.filter(({ name }) => !paths.includes(`"#/components/responses/${name}"`));
  const codes = new Set([...described, ...shared].flatMap(({ errorCodes }) => errorCodes));
  return [...codes].sort().map((code) => {
    const carrying = described.filter(({ errorCodes }) => errorCodes.includes(code));
    const all = [...carrying, ...shared.filter(({ errorCodes }) => errorCodes.includes(code))];
    return {
      code,
      statuses: [...new Set(carrying.map(({ status }) => status))],
      withoutOperation: forNone.some(({ errorCodes }) => errorCodes.includes(code)),
      retryAfter: all.some((answer) => hasHeader(answer, "Retry-After", code)),
    };
  });
}

/** @returns the names of all fields and parameters with `x-redact: true`, sorted: secrets that must not be logged */
export function readSecretFields(document: Json): string[] {
  const found = new Set<string>();
  const look = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(look);
    if (!isObject(node)) return;
    // `x-redact` beside a reference counts, too.
    const isSecret = (schema: unknown) =>
      isObject(schema) && [schema, resolveIn(document, schema)].some((each) => each["x-redact"] === true);
    for (const [name, schema] of Object.entries(isObject(node.properties) ? node.properties : {})) {
      if (isSecret(schema)) found.add(name);
    }
    if (typeof node.name === "string" && "in" in node && (isSecret(node) || isSecret(node.schema)))
      found.add(node.name);
    Object.values(node).forEach(look);
  };
  look(document);
  return [...found].sort();
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
    resolveIn(document, object(parameter)),
  );
  const responses = Object.entries(object(operation.responses))
    .flatMap(([status, response]) =>
      readResponses(document, `${where} ${status}`, Number(status), object(response)),
    )
    .sort((a, b) => a.status - b.status);
  return {
    operationId: text(operation.operationId, `${where}: operationId`),
    method,
    path,
    tag: text(list(operation.tags ?? [])[0], `${where}: tags[0]`),
    public: security.length === 0,
    role: text(operation["x-role"], `${where}: x-role`),
    requiresOneOf: list(operation["x-requires-one-of"] ?? []).map((name) =>
      text(name, `${where}: a name in x-requires-one-of`),
    ),
    hasBody: operation.requestBody !== undefined,
    maxTogether: readMaxTogether(document, operation),
    hasPicture: hasPicture(document, operation),
    takesIdempotencyKey: parameters.some((each) => each.in === "header" && each.name === "Idempotency-Key"),
    responses,
    ndjsonItem: readNdjsonItem(document, where, operation),
    defaulted: parameters
      .filter((parameter) => parameter.in === "query")
      .filter((parameter) => "default" in resolveIn(document, object(parameter.schema ?? {})))
      .map((parameter) => text(parameter.name, `${where}: a parameter's name`)),
  };
}

function readNdjsonItem(document: Json, where: string, operation: Json): string | null {
  const media = asObject(resolveIn(document, object(operation.responses)["200"]).content)[linesType];
  if (media === undefined) return null;
  const { contentSchema } = resolveIn(document, object(media).schema);
  const reference = text(
    asObject(contentSchema).$ref,
    `${where}: the contentSchema of its lines, a reference`,
  );
  return reference.replace(/^.*\//, "");
}

function readMaxTogether(document: Json, operation: Json): number | null {
  const { content } = resolveIn(document, operation.requestBody);
  const { schema } = asObject(asObject(content)["application/json"]);
  const { "x-max-together": most } = resolveIn(document, schema);
  return typeof most === "number" ? most : null;
}

function hasPicture(document: Json, operation: Json): boolean {
  const { content } = resolveIn(document, operation.requestBody);
  return Object.values(asObject(content)).some((media) => {
    const { properties } = resolveIn(document, asObject(media).schema);
    return Object.values(asObject(properties)).some((field) => {
      const { contentMediaType } = resolveIn(document, field);
      return typeof contentMediaType === "string" && contentMediaType.startsWith("image/");
    });
  });
}

/** @returns a description for each content type */
function readResponses(
  document: Json,
  where: string,
  status: number,
  reference: Json,
): ResponseDescription[] {
  if (!Number.isInteger(status)) throw new Error(`${where}: only numeric statuses are understood`);
  const answers = readAnswers(document, where, reference, status);
  return answers.map((answer) => ({
    status,
    ...answer,
    errorCodes: status < 400 ? [] : answer.errorCodes,
  }));
}

/** HTTP allows no body for them (RFC 9110, 15.3.5 and 15.4.5). */
const statusesWithoutBody: readonly unknown[] = [204, 304];

/** @param status `undefined` for a response of the components */
function readAnswers(
  document: Json,
  where: string,
  reference: Json,
  status?: number,
): Omit<ResponseDescription, "status">[] {
  const response = resolveIn(document, reference);
  const contents = Object.entries(object(response.content ?? {}));
  const headers = readHeaders(document, where, object(response.headers ?? {}));
  if (contents.length === 0 && statusesWithoutBody.includes(status)) return [{ ...noBody, ...headers }];
  const others = contents.slice(1).map(([contentType]) => contentType);
  if (contents.length === 0 || others.some((contentType) => contentType !== linesType || status !== 200))
    throw new Error(`${where}: expected one content type, and beside it at most ${linesType} of a 200`);
  return contents.map(([contentType, media]) => {
    const { schema, examples } = object(media);
    const { format } = resolveIn(document, object(schema));
    return {
      errorCodes: errorCodesOf(document, object(schema)),
      contentType,
      lines: contentType === linesType,
      bytes: format === "binary",
      envelope: "success" in propertiesIn(document, schema),
      ...headers,
      examples: Object.keys(object(examples ?? {})),
    };
  });
}

function readHeaders(
  document: Json,
  where: string,
  headers: Json,
): Pick<ResponseDescription, "headers" | "headersOnlyWith"> {
  const limited = Object.entries(headers).flatMap(([name, header]) => {
    const { "x-only-with": codes } = resolveIn(document, object(header));
    if (codes === undefined) return [];
    return [[name, list(codes).map((code) => text(code, `${where}: a code in x-only-with`))] as const];
  });
  return { headers: Object.keys(headers), headersOnlyWith: Object.fromEntries(limited) };
}

/** Whether a response has a header when it has this error code. */
function hasHeader(
  { headers, headersOnlyWith }: Pick<ResponseDescription, "headers" | "headersOnlyWith">,
  name: string,
  code: string,
): boolean {
  return headers.includes(name) && (headersOnlyWith[name]?.includes(code) ?? true);
}

const noBody = {
  errorCodes: [],
  contentType: null,
  lines: false,
  bytes: false,
  envelope: false,
  examples: ["empty"],
} as const;

/** @returns the values of the property `error_code`, through references, parts and alternatives: those that each part allows */
function errorCodesOf(document: Json, reference: Json): string[] {
  const schema = resolveIn(document, reference);
  // The last part narrows the others, and has the order that people wrote.
  const [narrowest = [], ...others] = (propertiesIn(document, schema).error_code ?? [])
    .map((property) => {
      const { const: only, enum: several } = resolveIn(document, property);
      return list(several ?? [only]).map((code) => text(code, "error_code"));
    })
    .reverse();
  const alternatives = [schema.oneOf, schema.anyOf].flatMap((schemas) => list(schemas ?? []));
  return [
    ...narrowest.filter((code) => others.every((codes) => codes.includes(code))),
    ...alternatives.flatMap((alternative) => errorCodesOf(document, object(alternative))),
  ];
}

function object(value: unknown): Json {
  if (!isObject(value)) throw new Error(`expected an object, found ${JSON.stringify(value)}`);
  return value;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`expected a list, found ${JSON.stringify(value)}`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`${what} is not a text`);
  return value;
}
