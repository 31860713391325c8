/** Told of what happens to requests; for whoever counts it. */
export interface HttpEvents {
  /**
   * A request has come. Runs the rest of it, at once and with all that comes of it: what is told of later, such as a query
   * to WhatsApp or the answer, can be known to belong to it.
   */
  asked(request: AskedRequest, rest: () => void): void;
  /** A request is over. */
  answered(request: AnsweredRequest): void;
  /** An answer was not as the contract describes it. @param operation `undefined` for a request that is for none */
  contractBroken(operation: string | undefined): void;
}

/** What is known of a request when it comes. */
export interface AskedRequest {
  readonly method: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
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
