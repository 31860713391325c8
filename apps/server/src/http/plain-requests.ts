import type { Contract, OperationDescription } from "@wuts/contract";
import { parametersIn, resolveIn } from "@wuts/contract/document";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Request } from "express";
import { isRole } from "../roles.ts";
import { callerOf } from "./authenticate.ts";

/**
 * Finds out whether a request is as its operation describes it and so simple that it takes no more than a look: no body, no
 * path parameter, and a query of words, numbers and flags that has nothing to interpret. Its query is what the contract makes
 * of it then. Of any other request it says nothing: that is for the validator, which takes several times as long.
 */
export type IsPlain = (request: Request, operation: OperationDescription) => boolean;

export function plainRequests({ document, operations }: Contract): IsPlain {
  // As the validator has it: what is a number or a flag in the contract becomes one, and defaults are filled in.
  const ajv = new Ajv2020({ strict: false, coerceTypes: "array", useDefaults: true, validateSchema: false });
  addFormats.default(ajv, { mode: "full" });
  const schemas = new Map(
    operations.flatMap((operation) => {
      const schema = querySchemaOf(document, operation);
      return schema ? [[operation, schema]] : [];
    }),
  );
  return (request, operation) => {
    const schema = schemas.get(operation);
    if (!schema || !plainUrl.test(request.originalUrl)) return false;
    if (operation.role !== "public" && callerOf(request)?.kind !== "user") return false;
    const { query } = request;
    // Compiled when it is first needed, and found again by the schema itself.
    if (Object.values(query).includes("") || !ajv.validate(schema, query)) return false;
    // What is there else parses the query anew each time.
    Object.defineProperty(request, "query", { value: query, writable: true, configurable: true });
    return true;
  };
}

/** Nothing that could be anything but itself, or an encoded `+`, `:` or `@`. */
const plainUrl = /^[\w./-]*(?:\?(?:[\w.~=&-]|%2B|%3A|%40)*)?$/;

/** @returns nothing for operations whose requests take more than a look */
function querySchemaOf(document: Contract["document"], operation: OperationDescription): object | undefined {
  if (operation.hasBody || operation.path.includes("{")) return undefined;
  // Whom else there is sends no token of a user.
  if (operation.role !== "public" && !isRole(operation.role)) return undefined;
  const parameters = parametersIn(document, operation);
  const properties = parameters.map(
    ({ name, schema }) => [String(name), resolveIn(document, schema)] as const,
  );
  const isPlain = parameters.every(({ in: place, content }) => place === "query" && content === undefined);
  const isScalar = properties.every(([, { type }]) => [type].flat().every((one) => scalars.has(String(one))));
  // What refers to more of the contract is not as simple as this.
  if (!isPlain || !isScalar || JSON.stringify(properties).includes('"$ref"')) return undefined;
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
    additionalProperties: false,
  };
}

const scalars: ReadonlySet<string> = new Set(["string", "integer", "number", "boolean"]);
