import { once } from "node:events";
import type { Express } from "express";

/** Lets an app listen on loopback, at a free port. @returns its URL */
export async function urlOf(app: Express): Promise<string> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}
