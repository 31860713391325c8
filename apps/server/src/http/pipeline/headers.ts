import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { OperationId } from "@wuts/contract";
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
  // It is about pages in windows. On one that came by plain HTTP from another machine, browsers complain of it.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  // This server speaks plain HTTP, where it says nothing (RFC 6797, section 7.2); who has the certificate can promise it.
  strictTransportSecurity: false,
});

/** Headers that keep browsers from taking an answer for more than it is. What the API page needs, it sets itself. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  for (const [name, value] of protecting) response.setHeader(name, value);
  next();
};

/** Helmet says the same each time, so it is asked once. */
const protecting = [...headersOf(usual), ["Cache-Control", noStore]] as const;

/** @returns what a handler sets on a response of Node's, whatever the request is */
function headersOf(handler: typeof usual): readonly (readonly [name: string, value: string])[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  handler(request, response, () => undefined);
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]);
}

/** Lets the answers of operations that say the same to everybody be kept. Their errors are not. */
export const allowPublicCaching: RequestHandler = (request, response, next) => {
  if (published.some((operationId) => operationId === operationOf(request)?.operationId))
    response.setHeader("Cache-Control", revalidate);
  next();
};

/** @returns a type of the contract as it is sent: `Content-Type` may have parameters, which contracts leave out */
export function typeSent(operationId: string, contentType: string): string {
  return operationId === metrics ? `${contentType}; version=0.0.4` : contentType;
}

/** Prometheus knows its formats by their versions. */
const metrics: OperationId = "getMetrics";

const published: readonly OperationId[] = ["getContractYaml", "getContractJson"];
