import type { Duplex, Readable } from "node:stream";

/**
 * What clients still send when they have their answer, such as the rest of a body that is too large. It is read and dropped for
 * a moment, since a client that is cut off while it sends may never see the answer; who sends on and on is cut off then. It is
 * read from a few connections at a time: whoever sends on many of them would keep the server busy with what nobody wants.
 */
export class SurplusBytes {
  /** Those that have waited longest first. */
  readonly #connections = new Set<Duplex>();
  #turns: NodeJS.Timeout | undefined;

  /** @param rest what ends or closes when all has come: a request, or the connection itself */
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
