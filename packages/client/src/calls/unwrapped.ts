/** The result of a call: the `data` of an envelope, or a body without an envelope. */
export type Unwrapped<Body> = Body extends { success: true; data: infer Data } ? Data : Body;
