import type { IncomingMessage } from "node:http";
import type { OperationDescription } from "@wuts/contract";
import { refusals } from "./refusal.ts";

/** The server's default limits in bytes: of any body, and of one with a picture of 5 MiB in base64. */
const [defaultLimit, pictureLimit] = [102_400, 102_400 + 4 * Math.ceil(5_242_880 / 3)];

/** The limit of operations that need no token, in bytes. */
const publicLimit = 4_096;

/** @returns the JSON body; `undefined` when the operation has no body or the body is empty. @throws Refusal as the server does */
export async function readBody(operation: OperationDescription, request: IncomingMessage): Promise<unknown> {
  if (!operation.hasBody) return undefined;
  const [mediaType] = (request.headers["content-type"] ?? "").split(";");
  if (mediaType?.trim().toLowerCase() !== "application/json") throw refusals.unsupportedMediaType();

  const limit = limitOf(operation);
  const chunks: Buffer[] = [];
  let size = 0;
  // `destroyOnReturn: false`: the connection is still needed for the response.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw refusals.payloadTooLarge(limit);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw refusals.invalid([{ field: "body", message: "must be JSON" }]);
  }
}

function limitOf({ role, hasPicture }: OperationDescription): number {
  if (role === "public") return publicLimit;
  return hasPicture ? pictureLimit : defaultLimit;
}
