import { serveConsole } from "@wuts/console/serve";
import { startMock } from "@wuts/mock";
import { type Sandbox, startSandbox } from "@wuts/sandbox";

/** A server that has the console at `/console/`. */
export interface Place {
  readonly url: string;
  /** Of an admin. */
  readonly token: string;
  stop(): Promise<void>;
}

/** The server, on a simulated WhatsApp. */
export function sandbox(): Promise<Sandbox> {
  return startSandbox({ WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent" });
}

/** The mock, which takes any token. */
async function mock(): Promise<Place> {
  const front = serveConsole();
  if (!front) throw new Error("the console is not built: npm run build");
  const { url, stop } = await startMock({ port: 0, front });
  return { url, token: "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d", stop };
}

/** Where everything works that needs no live state. */
export const places: readonly (readonly [name: string, start: () => Promise<Place>])[] = [
  ["the sandbox", sandbox],
  ["the mock", mock],
];
