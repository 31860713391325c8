import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { isContractOperation, type OperationId } from "@wuts/contract";
import type { RequestHandler } from "express";
import helmet from "helmet";
import { operationOf } from "./operation-matcher.ts";

/** `Cache-Control` for responses with data: no cache may store them. */
export const noStore = "no-store";

/** `Cache-Control` for what is the same for all callers: caches must revalidate it, since another version may differ. */
export const revalidate = "no-cache";

/** `Cache-Control` for bytes of one caller: only the client may store them, and must revalidate before reuse. */
export const privateRevalidate = "private, no-cache";

const usual = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  xFrameOptions: { action: "deny" },
  // This header concerns pages in windows. Browsers log a warning about it on pages over plain HTTP from another machine.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  // This server speaks plain HTTP, where the header has no effect (RFC 6797, section 7.2); the TLS proxy can set it.
  strictTransportSecurity: false,
});

/** Sets headers that keep browsers from misinterpreting a response. The API page sets its own. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  for (const [name, value] of protecting) response.setHeader(name, value);
  next();
};

/** Helmet's headers are constant, so they are computed once. */
const protecting = [...headersOf(usual), ["Cache-Control", noStore]] as const;

/** @returns the headers that a handler sets on a Node response, whatever the request is */
function headersOf(handler: typeof usual): readonly (readonly [name: string, value: string])[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  handler(request, response, () => undefined);
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]);
}

/** Allows caches to store responses that are the same for all callers. Their errors are not stored. */
export const allowPublicCaching: RequestHandler = (request, response, next) => {
  if (isContractOperation(operationOf(request)?.operationId)) response.setHeader("Cache-Control", revalidate);
  next();
};

/** @returns a content type of the contract as it is sent: with the parameters that contracts leave out */
export function typeSent(operationId: string, contentType: string): string {
  return operationId === metrics ? `${contentType}; version=0.0.4` : contentType;
}

/** Prometheus identifies its formats by version. */
const metrics: OperationId = "getMetrics";
