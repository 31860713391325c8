/** The result of a call: the `data` of an envelope, or a body without an envelope. */
type Unwrapped<Body> = Body extends { success: true; data: infer Data } ? Data : Body;

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
