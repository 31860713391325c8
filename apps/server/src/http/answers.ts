import type { Contract, OperationDescription } from "@wuts/contract";
import { asObject, isObject, operationIn } from "@wuts/contract/document";
import type { RequestHandler } from "express";
import { Failure } from "../failures.ts";
import type { Violations } from "./contract.ts";
import type { Check, schemasOf } from "./contract-schemas.ts";
import { operationOf } from "./described-routes.ts";

/**
 * Holds the JSON of every answer up to 499 against what the contract says of its operation and status. What breaks it is
 * reported, and thrown as Failure InternalError where violations fail.
 *
 * The validator of requests could do it too, but it reads the whole contract anew for each status of each operation, in
 * the first request for it: a tenth of a second in which the server does nothing else.
 */
export function answersHeldTo(
  { document }: Pick<Contract, "document">,
  schemas: ReturnType<typeof schemasOf>,
  violations: Violations,
): RequestHandler {
  const checkOf = (operation: OperationDescription, status: number): Check => {
    const pointer = pointerTo(document, operation, status);
    return pointer === undefined ? () => `no JSON is described for the status ${status}` : schemas(pointer);
  };
  return (request, response, next) => {
    const operation = operationOf(request);
    const send = response.json;
    response.json = (body) => {
      response.json = send;
      const problem =
        operation && response.statusCode < 500 ? checkOf(operation, response.statusCode)(body) : undefined;
      if (problem !== undefined) {
        violations.report(request, problem);
        if (violations.fail) throw new Failure("InternalError", { cause: problem });
      }
      return response.json(body);
    };
    next();
  };
}

/** Where the contract has the schema of a JSON answer. @returns `undefined` when it describes none */
function pointerTo(
  document: Contract["document"],
  operation: OperationDescription,
  status: number,
): string | undefined {
  const described = asObject(operationIn(document, operation).responses)[status];
  const reference = asObject(described).$ref;
  const place =
    typeof reference === "string"
      ? reference.replace(/^#/, "")
      : ["", "paths", operation.path, operation.method, "responses", String(status)].map(escaped).join("/");
  const [, ...keys] = place.split("/").map(unescaped);
  const response = keys.reduce<unknown>((inside, key) => asObject(inside)[key], document);
  const media = asObject(asObject(response).content)["application/json"];
  return isObject(media) ? `${place}/content/application~1json/schema` : undefined;
}

/** As JSON Pointer (RFC 6901) escapes keys. */
const escaped = (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1");
const unescaped = (key: string) => key.replaceAll("~1", "/").replaceAll("~0", "~");
