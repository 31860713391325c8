import type { Duplex, Readable } from "node:stream";

/**
 * Drains the bytes that clients still send after their response, such as the rest of a body that is too large. The server reads
 * and drops them for a moment, since a client that is cut off while it sends may never see the response; a client that keeps
 * sending is cut off then (nginx calls this a lingering close). Only a few connections are drained at a time: a client that
 * sends on many of them would otherwise keep the server busy with useless bytes.
 */
export class SurplusBytes {
  /** The connections, the longest waiting first. */
  readonly #connections = new Set<Duplex>();
  #turns: NodeJS.Timeout | undefined;

  /** @param rest the stream that ends or closes when all bytes have arrived: a request, or the connection itself */
  drop(rest: Readable, connection: Duplex): void {
    const cutOff = setTimeout(() => rest.destroy(), graceMs);
    this.#connections.add(connection);
    this.#turns ??= setInterval(() => this.#turn(), turnMs);
    rest.once("close", () => {
      clearTimeout(cutOff);
      this.#connections.delete(connection);
      connection.resume();
      if (this.#connections.size > 0) return;
      clearInterval(this.#turns);
      this.#turns = undefined;
    });
  }

  #turn(): void {
    const next = [...this.#connections].slice(0, connectionsAtATime);
    for (const connection of this.#connections) connection.pause();
    for (const connection of next) {
      this.#connections.delete(connection);
      this.#connections.add(connection);
      connection.resume();
    }
  }
}

const graceMs = 5_000;
const turnMs = 10;
const connectionsAtATime = 4;
