import { callNames, lineMethods } from "../generated/answers.gen.ts";
import { WutsError } from "./wuts-error.ts";

/**
 * Says in an error which call failed. Another call's error, such as the reason of a caller's signal, keeps its own name.
 * @param method in upper case @param path as the contract has it, such as `/devices/{device_id}`
 * @returns the same error
 */
export function nameError<Failure>(error: Failure, method: string, path: string): Failure {
  const names: Readonly<Record<string, string>> = callNames;
  return named(error, names[`${method} ${path}`]);
}

/** Has the streams of a client do the same: most of their errors come later than their response. */
export function nameErrorsOfStreams(sdk: object): void {
  for (const [tag, names] of Object.entries(lineMethods)) {
    const service: Record<string, Stream> = Reflect.get(sdk, tag);
    for (const name of names) {
      const stream = service[`${name}Stream`];
      if (stream) service[`${name}Stream`] = (...args) => namedStream(stream(...args), `${tag}.${name}`);
    }
  }
}

type Stream = (...args: readonly unknown[]) => AsyncGenerator<unknown>;

async function* namedStream(lines: AsyncGenerator<unknown>, call: string): AsyncGenerator<unknown> {
  try {
    yield* lines;
  } catch (error) {
    throw named(error, call);
  }
}

function named<Failure>(error: Failure, call: string | undefined): Failure {
  if (error instanceof WutsError && error.call === undefined) Object.assign(error, { call });
  return error;
}
