import { once } from "node:events";
import type { Server } from "node:http";

/**
 * Listens on 127.0.0.1 and nowhere else.
 * @param port 0 for any free one.
 * @returns the port. Fails with Node's error, e.g. EADDRINUSE.
 */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}
