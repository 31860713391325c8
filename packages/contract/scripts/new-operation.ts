import { parse } from "yaml";
import { asList, asObject, isObject, type Json } from "../src/document.ts";
import { sortComponents } from "./sort-components.ts";

/** What is known of an operation before it is described. */
export interface NewOperation {
  readonly operationId: string;
  /** As OpenAPI writes it, in lower case. */
  readonly method: string;
  /** With `{name}` for path parameters. */
  readonly path: string;
  /** One of the contract's. */
  readonly tag: string;
}

/**
 * Writes the skeleton of an operation into a contract, under the banner of its tag: what the lint asks for and what every
 * operation answers, with schemas for its answer under the banner of its tag. It asks WhatsApp as a device if another one of its tag
 * does. Texts, body and answer are to be replaced.
 * @param yaml the contract @returns the contract with the operation
 * @throws Error with a sentence for the user, when there is such an operation already or no such tag
 */
export function withOperation(yaml: string, operation: NewOperation): string {
  const document = asObject(parse(yaml));
  const { operationId, method, path, tag } = operation;
  const others = operationsOf(document);
  if (!methods.includes(method)) throw new Error(`${method} is none of ${methods.join(", ")}.`);
  if (!/^[a-z][a-zA-Z0-9]*$/.test(operationId)) throw new Error(`${operationId} is not in camelCase.`);
  if (!/^(\/([a-z0-9-]+|\{[a-z_]+\}))+$/.test(path))
    throw new Error(`${path} is no path of words in kebab-case and {parameters}.`);
  if (others.some((other) => other.operationId === operationId))
    throw new Error(`The contract has ${operationId} already.`);
  const item = asObject(asObject(document.paths)[path]);
  if (method in item) throw new Error(`The contract has ${method.toUpperCase()} ${path} already.`);
  const tags = asList(document.tags).map((each) => `${asObject(each).name}`);
  if (!tags.includes(tag)) throw new Error(`${tag} is none of the contract's tags: ${tags.join(", ")}.`);
  const asksDevice = others.some((other) => asList(other.tags).includes(tag) && takesDevice(other));
  const skeleton = skeletonOf(operation, asksDevice);
  const isNewPath = Object.keys(item).length === 0;
  const lines = yaml.split("\n");
  const at = isNewPath ? endOfTag(lines, tag) : endOfPath(lines, path);
  const added = isNewPath ? [...pathOf(path, document), ...skeleton, ""] : skeleton;
  return sortComponents(
    withSchemas([...lines.slice(0, at), ...added, ...lines.slice(at)], operation).join("\n"),
  );
}

const methods = ["get", "put", "post", "patch", "delete"];

function operationsOf({ paths }: Json): Json[] {
  return Object.values(asObject(paths)).flatMap((item) => Object.values(asObject(item)).filter(isObject));
}

function takesDevice({ parameters }: Json): boolean {
  return asList(parameters).some((parameter) => asObject(parameter).$ref === deviceParameter);
}

const deviceParameter = "#/components/parameters/DeviceId";

function skeletonOf(operation: NewOperation, asksDevice: boolean): string[] {
  const { operationId, method, tag } = operation;
  const [first = "", ...words] = operationId
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .split(" ");
  const summary = [first.charAt(0).toUpperCase() + first.slice(1), ...words].join(" ");
  const hasBody = ["put", "post", "patch"].includes(method);
  const parameters = asksDevice ? [`- $ref: "${deviceParameter}"`] : [];
  return `    ${method}:
      operationId: ${operationId}
      tags: [${tag}]
      x-role: user
      summary: ${summary}
      description: >-
        ${summary}. ${asksDevice ? "Asks WhatsApp." : "WhatsApp is not asked."}
${parameters.length > 0 ? `      parameters:\n${indented(8, parameters)}\n` : ""}${hasBody ? `${body}\n` : ""}      responses:
${answerOf(operation)}
${indented(
  8,
  [
    ...errors.everywhere,
    ...(hasBody ? errors.withBody : []),
    ...(asksDevice ? errors.ofDevices : errors.ofAccounts),
  ].sort(),
)}`.split("\n");
}

/** The contract's own, if it has one of that name. */
function pathParameter(name: string, { components }: Json): string[] {
  const known = Object.entries(asObject(asObject(components).parameters)).find(
    ([, parameter]) => asObject(parameter).in === "path" && asObject(parameter).name === name,
  );
  if (known) return [`- $ref: "#/components/parameters/${known[0]}"`];
  return [
    `- name: ${name}`,
    "  in: path",
    "  required: true",
    `  description: Which one.`,
    "  schema: { type: string, format: uuid }",
    "  example: 7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10",
  ];
}

const body = `      requestBody:
        required: true
        description: What is wanted.
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [name]
              properties:
                name: { type: string, minLength: 1, maxLength: 100, description: How it is called. }
            examples:
              usual:
                summary: As usual
                value: { name: Reception }`;

function answerOf(operation: NewOperation): string {
  return `        "200":
          description: What came of it.
          headers:
            X-Request-Id: { $ref: "#/components/headers/RequestId" }
            RateLimit: { $ref: "#/components/headers/RateLimit" }
            RateLimit-Policy: { $ref: "#/components/headers/RateLimitPolicy" }
          content:
            application/json:
              schema: { $ref: "#/components/schemas/${resultOf(operation)}Envelope" }
              examples:
                usual:
                  summary: As usual
                  value: { success: true, data: { done: true } }`;
}

function resultOf({ operationId }: NewOperation): string {
  return `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}Result`;
}

function withSchemas(lines: readonly string[], operation: NewOperation): string[] {
  const name = resultOf(operation);
  const schemas = `    ${name}Envelope:
      type: object
      description: A success, with \`${name}\` as its data.
      required: [success, data]
      properties:
        success: { $ref: "#/components/schemas/Succeeded" }
        data: { $ref: "#/components/schemas/${name}" }
    ${name}:
      type: object
      description: What came of it.
      required: [done]
      properties:
        done: { type: boolean, description: Whether it was done. }`;
  const at = lines.indexOf("  schemas:") + 1;
  if (at === 0) throw new Error("The contract has no schemas among its components.");
  return [...lines.slice(0, at), ...schemas.split("\n"), ...lines.slice(at)];
}

/** The parameters of a path count for each of its operations, also for those to come. */
function pathOf(path: string, document: Json): string[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const parameters = [
    '- $ref: "#/components/parameters/RequestIdToKeep"',
    ...names.flatMap((name) => pathParameter(name, document)),
  ];
  return [`  ${path}:`, "    parameters:", ...indented(6, parameters).split("\n")];
}

const errors = {
  everywhere: [
    response(400, "ValidationError"),
    response(401, "Unauthorized"),
    response(500, "InternalError"),
  ],
  withBody: [response(413, "PayloadTooLarge"), response(415, "UnsupportedMediaType")],
  ofAccounts: [response(429, "RateLimited"), response(503, "ServerUnavailable")],
  ofDevices: [
    response(404, "DeviceNotFound"),
    response(409, "DeviceAmbiguousOrNotPaired"),
    response(429, "RateLimitedOrByWhatsApp"),
    response(502, "WhatsAppError"),
    response(503, "DeviceUnavailable"),
    response(504, "WhatsAppTimeout"),
  ],
} as const;

function response(status: number, name: string): string {
  return `"${status}": { $ref: "#/components/responses/${name}" }`;
}

function indented(spaces: number, lines: readonly string[]): string {
  return lines.map((line) => " ".repeat(spaces) + line).join("\n");
}

/** The line before the next banner, or before what follows the paths. */
function endOfTag(lines: readonly string[], tag: string): number {
  const banner = lines.findIndex((line) => new RegExp(`^  # -+ ${tag}$`).test(line));
  if (banner < 0) throw new Error(`The contract has no banner of the tag ${tag} among its paths.`);
  return banner + 1 + lines.slice(banner + 1).findIndex((line) => /^(?: {2}# -+ |[a-z])/.test(line));
}

/** The line behind the last one of a path. */
function endOfPath(lines: readonly string[], path: string): number {
  const begin = lines.indexOf(`  ${path}:`) + 1;
  const length = lines.slice(begin).findIndex((line) => /^ {0,2}\S/.test(line));
  return lines[begin + length - 1] === "" ? begin + length - 1 : begin + length;
}
