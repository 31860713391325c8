import { once } from "node:events";
import { Writable } from "node:stream";
import { type Logger, pino } from "pino";
import { at } from "./call.ts";

/** A server's log, to be read by a test. */
export interface CapturedLog {
  readonly log: Logger;
  /** The lines with this message, oldest first. */
  logged(message: string): unknown[];
  /** The first line that matches, as soon as there is one. */
  untilLogged(matches: (line: unknown) => boolean): Promise<unknown>;
}

export function captureLog(): CapturedLog {
  const lines: unknown[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()));
      stream.emit("line");
      done();
    },
  });
  return {
    log: pino({ level: "info" }, stream),
    logged: (message) => lines.filter((line) => at(line, "msg") === message),
    async untilLogged(matches) {
      for (;;) {
        const found = lines.find(matches);
        if (found !== undefined) return found;
        await once(stream, "line");
      }
    },
  };
}
