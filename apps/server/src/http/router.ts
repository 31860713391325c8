import type { Contract, OperationId } from "@wuts/contract";
import { type Request, type Response, Router } from "express";
import type { Handlers, Services } from "../operations/operation.ts";
import { callerOf } from "./authenticate.ts";

/** What any handler looks like from here: the types of its own input and answer are the compiler's business. */
type AnyHandler = (input: unknown, services: Services) => unknown;

/** Routes each operation of the contract to its handler. */
export function routeOperations({ operations }: Contract, handlers: Handlers, services: Services): Router {
  const router = Router();
  for (const { operationId, method, path } of operations) {
    // Sound, because each operation has a handler, or the server would not have started, and because the validator has
    // checked the request against the description that the handler's types come from.
    const handler = handlers[operationId as OperationId] as AnyHandler;
    router[method](path.replaceAll(/\{([^}]+)\}/g, ":$1"), async (request, response) => {
      send(response, await handler(inputOf(request), services));
    });
  }
  return router;
}

function inputOf(request: Request): unknown {
  return { query: request.query, path: request.params, body: request.body, caller: callerOf(request) };
}

function send(response: Response, answer: unknown): void {
  if (typeof answer !== "object" || answer === null) throw new TypeError("a handler answered nothing");
  response.status(Number(Reflect.get(answer, "status")));
  if ("data" in answer) response.json({ success: true, data: answer.data });
  else if ("body" in answer && typeof answer.body === "string")
    response.type("application/yaml").send(answer.body);
  else response.json(Reflect.get(answer, "body"));
}
