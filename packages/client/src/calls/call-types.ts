import type { WutsPromise } from "./call.ts";
import type { Unwrapped } from "./unwrapped.ts";

/** What a call returns: a promise of the `data` of the response. */
export type Call<Data> = WutsPromise<Data>;

/** What a call resolves with, of all successes that the contract describes for it. */
export type DataOf<Responses> = Unwrapped<Responses[keyof Responses]>;

/** What a line of a stream holds. */
export type LineOf<Line> = Unwrapped<Extract<Line, { success: true }>>;

/** The type of a parameter, by where the generated type of its operation has it. */
export type ParameterOf<Data, Where extends keyof Data, Name> = Name extends keyof NonNullable<Data[Where]>
  ? Exclude<NonNullable<Data[Where]>[Name], undefined>
  : never;

/** Parameters of which at least one of those named is required. */
export type RequireOneOf<Parameters, Names extends keyof Parameters> = Parameters &
  { [Name in Names]: { [Required in Name]-?: Exclude<Parameters[Name], undefined> } }[Names];
