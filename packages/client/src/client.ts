import { call, dataPromise, type Sender, type WutsPromise } from "./calls/call.ts";
import { type GeneratedRequest, prepareRequest } from "./calls/request.ts";
import { nameError } from "./errors/name-errors.ts";
import { linesType } from "./generated/answers.gen.ts";
import type { Client } from "./generated/client/index.gen.ts";
import { readLines } from "./lines.ts";
import { type CallOptions, limitsOf, type Settings } from "./settings.ts";

/** What a generated method hands over: its request, and the options that its caller gave. */
type Handed = GeneratedRequest & CallOptions;

/**
 * Creates what the generated methods send their requests with, in the place of the generator's own client: `whole` makes calls,
 * which resolve with data, and `lines` reads responses line by line.
 */
export function createClients(settings: Settings): { readonly whole: Client; readonly lines: Client } {
  const sender: Sender = { settings, calls: 0 };
  return {
    whole: clientOf(settings, (method, handed) => makeCall(sender, method, handed)),
    lines: clientOf(settings, (method, handed) => makeStream(sender, method, handed)),
  };
}

function makeCall(sender: Sender, method: string, handed: Handed): WutsPromise<unknown> {
  const start = async () => {
    const limits = limitsOf(handed, sender.settings);
    return call(sender, prepareRequest(sender.settings, method, handed), limits, handed.signal);
  };
  const named = (error: unknown) => {
    throw nameError(error, method, handed.url);
  };
  return dataPromise(start().catch(named));
}

/** Sends nothing before the first line is asked for. */
async function* makeStream(sender: Sender, method: string, handed: Handed): AsyncGenerator<unknown> {
  try {
    const limits = limitsOf(handed, sender.settings);
    const headers = { ...handed.headers, Accept: linesType };
    const request = prepareRequest(sender.settings, method, { ...handed, headers });
    yield* readLines(sender, request, limits, handed.signal);
  } catch (error) {
    throw nameError(error, method, handed.url);
  }
}

/** The generated code has the type of the generator's own client, but uses no more of it than this. */
function clientOf({ baseUrl, token }: Settings, send: (method: string, handed: Handed) => unknown): Client {
  const sending = (method: string) => (handed: Handed) => send(method, handed);
  const methods = {
    get: sending("GET"),
    post: sending("POST"),
    put: sending("PUT"),
    patch: sending("PATCH"),
    delete: sending("DELETE"),
    getConfig: () => ({ baseUrl, auth: token ?? "" }),
  };
  return methods as unknown as Client;
}
