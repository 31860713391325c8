/** What a call resolves with: the `data` of an envelope, or the body where there is none. */
export type Unwrapped<Body> = Body extends { success: true; data: infer Data } ? Data : Body;
