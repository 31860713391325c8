/** Observes requests: metrics and traces implement it. */
export interface HttpEvents {
  /**
   * A request has arrived. Runs `rest`, the rest of its handling, synchronously and in its asynchronous context, so that later
   * observations, such as a query to WhatsApp or the response, can be attributed to the request.
   */
  requestStarted(request: StartedRequest, rest: () => void): void;
  /** The response was sent, or the client has disconnected. @param request the object that `requestStarted` got */
  requestFinished(request: StartedRequest, outcome: FinishedRequest): void;
  /** A response broke the contract. @param operation `undefined` for a request that matches no operation */
  contractBroken(operation: string | undefined): void;
}

/** The facts known about a request when it arrives. */
export interface StartedRequest {
  readonly method: string;
  /** Header values by their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The outcome of a request. */
export interface FinishedRequest {
  /** Its `operationId`; `undefined` when it matched none. */
  readonly operation: string | undefined;
  /** The status of the response; `undefined`: the client had disconnected. */
  readonly status: number | undefined;
  readonly errorCode: string | undefined;
  readonly seconds: number;
}
