import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { bareView, type Contract, type OperationDescription, onceFor } from "@wuts/contract";
import { asList, asObject, componentsFor, isObject, type Json } from "@wuts/contract/document";
import express, { type RequestHandler } from "express";
import { OpenApiValidator } from "express-openapi-validator/dist/openapi.validator.js";
import { Failure } from "../../kernel/failures.ts";
import { readPhoneNumber } from "../../operations/phone-number.ts";
import { callerOf } from "../pipeline/authenticate.ts";
import { composeMiddleware } from "../pipeline/compose-middleware.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import { uuidPattern } from "./canonical-uuids.ts";
import { fewValues } from "./few-values.ts";
import { lengthFirst } from "./length-first.ts";

/**
 * The request validators of a contract: one for each path, which knows no other path. A single validator for all paths would
 * build the patterns of all paths again for each request, until one matches.
 */
export class RequestValidators {
  readonly #contract: Contract;
  readonly #made = new Map<string, PathValidator>();

  constructor(contract: Contract) {
    this.#contract = contract;
  }

  readonly validate: RequestHandler = (request, response, next) => {
    const operation = operationOf(request);
    if (!operation) throw new Failure("RouteNotFound");
    this.#of(operation).validate(request, response, next);
  };

  /** Compiles the schemas for an operation's requests ahead of the first request. */
  prepare(operation: OperationDescription): Promise<void> {
    return this.#of(operation).prepare(operation);
  }

  #of({ path }: OperationDescription): PathValidator {
    const made = this.#made.get(path) ?? new PathValidator(path, this.#contract);
    this.#made.set(path, made);
    return made;
  }
}

export const requestValidatorsOf = onceFor((contract: Contract) => new RequestValidators(contract));

class PathValidator {
  readonly validate: RequestHandler;
  /** As `validate`, but without the security check. */
  readonly #validateAnyone: RequestHandler;

  constructor(path: string, contract: Contract) {
    const handlers = handlersFor(path, contract);
    this.validate = composeMiddleware(plainContentType, ...handlers);
    this.#validateAnyone = composeMiddleware(...handlers.filter(({ name }) => name !== "securityMiddleware"));
  }

  /** The validator compiles when it sees a request: this is an empty request from no client, and gets no response. */
  async prepare({ path, method, hasBody }: OperationDescription): Promise<void> {
    const request = new IncomingMessage(new Socket());
    request.method = method.toUpperCase();
    request.url = path.replaceAll(/\{[^}]+\}/g, "x");
    if (hasBody) request.headers["content-type"] = jsonType;
    const seen = Promise.withResolvers<void>();
    const app = express().use(this.#validateAnyone, () => seen.resolve());
    app.use(((_error, _request, _response, _next) => seen.resolve()) satisfies express.ErrorRequestHandler);
    app(request, new ServerResponse(request));
    await seen.promise;
  }
}

const jsonType = "application/json";

/**
 * Hides parameters of the content type. The validator compiles everything again for each new content type, parameters included,
 * and keeps the result for ever. JSON defines no parameters (RFC 8259, section 11), and a request without a body needs no
 * content type.
 */
const plainContentType: RequestHandler = (request, _response, next) => {
  const { headers } = request;
  const mediaType = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (operationOf(request)?.hasBody !== true) delete headers["content-type"];
  else if (mediaType === jsonType) headers["content-type"] = jsonType;
  next();
};

/**
 * Builds the validator's handlers of a path. The package's own `middleware` loads the document first, and for that compiles the
 * schema of OpenAPI itself each time, whether it then validates the document or not: nine tenths of the time that a path took.
 * This function builds the same result directly.
 */
function handlersFor(path: string, { document: described, operations }: Contract): RequestHandler[] {
  const document = bareView(described);
  const validator = new OpenApiValidator({
    // Its own type of a document is narrower than the specification. It takes what `installMiddleware` is given.
    apiSpec: document as unknown as ApiDoc,
    // The usual formats accept any character as part of a URL.
    ajvFormats: { mode: "full" },
    formats: { uuid: uuidPattern, base64: isBase64, "phone-number": isPhoneNumber },
    validateRequests: { allowUnknownQueryParameters: false, allErrors: true },
    // `createResponseValidator` validates responses: it sees the sent body; the validator sees any value given to
    // `response.json`.
    validateResponses: false,
    fileUploader: false,
    validateSecurity: {
      handlers: {
        bearerAuth: (request) => callerOf(request)?.kind === "user",
        masterToken: (request) => callerOf(request)?.kind === "master",
        metricsToken: (request) => callerOf(request)?.kind === "metrics",
      },
    },
  });
  const pathParams = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => name);
  const routes = operations
    .filter((operation) => operation.path === path)
    .map(({ method }) => ({
      basePath: "",
      expressRoute: path.replaceAll(/\{([^}]+)\}/g, ":$1"),
      openApiRoute: path,
      method: method.toUpperCase(),
      pathParams,
    }));
  const apiDoc = requestsOf(path, document) as unknown as ApiDoc;
  // It writes into the document that it is given.
  return validator.installMiddleware(Promise.resolve({ apiDoc, basePaths: [""], routes, serial: 0 }));
}

type ApiDoc = Awaited<Parameters<OpenApiValidator["installMiddleware"]>[0]>["apiDoc"];

/**
 * The validator's view of the contract: the requests of one path, and only those components that they refer to, since it
 * compiles every component that it is given. Lengths are judged first in it.
 */
function requestsOf(path: string, document: Contract["document"]): Contract["document"] {
  const operations = asObject(lengthFirst(asValidated(document.paths[path])));
  for (const operation of Object.values(operations).filter(isObject)) {
    if ("responses" in operation) Reflect.set(operation, "responses", {});
  }
  const { securitySchemes } = structuredClone(asObject(document.components));
  const components = asObject(lengthFirst(asValidated(componentsFor(operations, document))));
  return {
    ...document,
    paths: { [path]: operations },
    components: { ...components, securitySchemes },
  };
}

/**
 * Says in the validator's words what the contract says in others. Query parameters take `@` and `+` as they are; without
 * `allowReserved` the validator refuses them before it looks at their schema. It makes no value of a text that may be of several
 * types, where it is told so by `oneOf`. And it checks as formats what `contentEncoding`
 * only describes, and what `x-checked-further` says that no pattern can.
 */
function asValidated(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(asValidated);
  if (typeof node !== "object" || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, asValidated(value)]));
  if (copy.in === "query" && "schema" in copy) return { ...copy, allowReserved: true };
  if ("oneOf" in copy) return asEnum(copy);
  if (copy.type !== "string") return copy;
  if (copy.contentEncoding === "base64") return { ...copy, format: "base64" };
  return "x-checked-further" in copy ? { ...copy, format: "phone-number" } : copy;
}

/** @returns a schema of a few values with all of them as its `enum`, any other one as it is */
function asEnum({ oneOf, ...schema }: Json): Json {
  const values = fewValues({ oneOf });
  if (values === undefined) return { ...schema, oneOf };
  return { ...schema, type: asList(oneOf).map((alternative) => asObject(alternative).type), enum: values };
}

function isPhoneNumber(text: string): boolean {
  return readPhoneNumber(text).digits !== undefined;
}

/** RFC 4648, section 4: with padding. Not one pattern for the whole: it would backtrack over megabytes. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
