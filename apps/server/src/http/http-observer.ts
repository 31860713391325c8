/** Observes requests: metrics and traces implement it. */
export interface HttpEvents {
  /**
   * A request has come. Runs the rest of it, at once and with all that comes of it: what is observed later, such as a
   * query to WhatsApp or the response, can be known to belong to it.
   */
  requestStarted(request: StartedRequest, rest: () => void): void;
  /** The response was sent, or the client has disconnected. */
  requestFinished(request: FinishedRequest): void;
  /** An answer was not as the contract describes it. @param operation `undefined` for a request that is for none */
  contractBroken(operation: string | undefined): void;
}

/** What is known of a request when it comes. */
export interface StartedRequest {
  readonly method: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What became of a request. */
export interface FinishedRequest {
  /** Its `operationId`; `undefined` when it was for none. */
  readonly operation: string | undefined;
  /** `undefined`: the client had disconnected. */
  readonly status: number | undefined;
  readonly errorCode: string | undefined;
  readonly seconds: number;
}
