import { lineMethods } from "../generated/answers.gen.ts";
import { WutsError } from "./wuts-error.ts";

type Work = (...args: readonly unknown[]) => Promise<unknown>;
type Stream = (...args: readonly unknown[]) => AsyncGenerator<unknown>;

/** Has the generated methods say in each error which call failed. What is built on them inherits it. */
export function nameErrors(sdk: object): void {
  for (const tag of ownNames(sdk)) {
    const service: Record<string, Work> = Reflect.get(sdk, tag);
    for (const name of ownNames(service)) {
      const method = service[name]?.bind(service);
      if (method)
        service[name] = (...args) => method(...args).catch((error) => rethrow(error, `${tag}.${name}`));
    }
  }
}

/** Has streams do the same: most of their errors come later than their response. */
export function nameErrorsOfStreams(sdk: object): void {
  for (const [tag, names] of Object.entries(lineMethods)) {
    const service: Record<string, Stream> = Reflect.get(sdk, tag);
    for (const name of names) {
      const stream = service[`${name}Stream`];
      if (stream) service[`${name}Stream`] = (...args) => named(stream(...args), `${tag}.${name}`);
    }
  }
}

async function* named(lines: AsyncGenerator<unknown>, call: string): AsyncGenerator<unknown> {
  try {
    yield* lines;
  } catch (error) {
    rethrow(error, call);
  }
}

/** Another call's error, such as the reason of a caller's signal, keeps its own name. */
function rethrow(error: unknown, call: string): never {
  if (error instanceof WutsError && error.call === undefined) Object.assign(error, { call });
  throw error;
}

/** The names that the class of an object defines, which the generator gives its getters and methods. */
function ownNames(object: object): string[] {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter((name) => name !== "constructor");
}
