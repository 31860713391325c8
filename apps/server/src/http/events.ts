/** Told of what happens to requests; for whoever counts it. */
export interface HttpEvents {
  /** A request is over. */
  answered(request: AnsweredRequest): void;
  /** An answer was not as the contract describes it. @param operation `undefined` for a request that is for none */
  contractBroken(operation: string | undefined): void;
}

/** What became of a request. */
export interface AnsweredRequest {
  /** Its `operationId`; `undefined` when it was for none. */
  readonly operation: string | undefined;
  /** `undefined`: nobody waited for an answer any more. */
  readonly status: number | undefined;
  readonly errorCode: string | undefined;
  readonly seconds: number;
}
