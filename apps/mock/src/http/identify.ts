import type { OperationDescription } from "@wuts/contract";
import { type AnyCaller, isRole, operationOf, recordCaller, requestIdOf, tokenIn } from "@wuts/server/front";
import type { RequestHandler } from "express";

/** Takes any UUID v4 for the token of a caller whom the operation is for. */
export const identifyAnyone: RequestHandler = (request, response, next) => {
  const operation = operationOf(request);
  const token = tokenIn(request.headers.authorization);
  if (operation && token !== undefined)
    recordCaller(request, callerFor(operation, requestIdOf(response)), token);
  next();
};

function callerFor({ role }: OperationDescription, requestId: string): AnyCaller {
  if (role === "master") return { kind: "master", requestId };
  if (role === "metrics") return { kind: "metrics", isAnybody: false, requestId };
  const id = (last: number) => `00000000-0000-4000-8000-00000000000${last}`;
  return {
    kind: "user",
    userId: id(1),
    tenantId: id(2),
    tokenId: id(3),
    role: isRole(role) ? role : "admin",
    signedInBy: null,
    requestId,
  };
}
