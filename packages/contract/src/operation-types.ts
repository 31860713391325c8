/** An operation of the list `operations`. */
export interface OperationDescription {
  readonly operationId: string;
  readonly method: "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace";
  /** The contract's path template, with `{name}` for path parameters. */
  readonly path: string;
  readonly tag: string;
  /** Whether it needs no token. */
  readonly public: boolean;
  /** Its `x-role`, the role that may call it; the server defines the roles. */
  readonly role: string;
  /** Query parameters of which one is required; the first one in a request counts. Empty for most operations. */
  readonly requiresOneOf: readonly string[];
  readonly hasBody: boolean;
  /** How many items all lists of its body may have together: the `x-max-together` of its schema; `null` without one. */
  readonly maxTogether: number | null;
  /** Whether a field of its body is a picture in base64, which allows a larger body. */
  readonly hasPicture: boolean;
  /** Whether it takes an `Idempotency-Key`: its success is kept, and is the response to the same request sent again. */
  readonly takesIdempotencyKey: boolean;
  /** Its documented responses, lowest status first; one for each content type. */
  readonly responses: readonly ResponseDescription[];
  /** The name of the schema of an NDJSON line; `null` without an NDJSON response. */
  readonly ndjsonItem: string | null;
}

/** A documented response of an operation. */
export interface ResponseDescription {
  readonly status: number;
  /** Its `error_code` values; empty for successes. */
  readonly errorCodes: readonly string[];
  /** `null` without a body, for 204 and 304. */
  readonly contentType: string | null;
  /** Whether the body is NDJSON with an envelope in each line, for requests that accept `contentType`. */
  readonly lines: boolean;
  /** Whether the body is binary; its examples are in base64. */
  readonly bytes: boolean;
  /** Whether the body is an envelope with `success`. */
  readonly envelope: boolean;
  /** The names of its headers, in the contract's case. */
  readonly headers: readonly string[];
  /** Headers that come with some of its error codes only, and with which: their `x-only-with`. */
  readonly headersOnlyWith: Readonly<Record<string, readonly string[]>>;
  /** The names of its examples, for `Prefer: example=…` of the mock; `empty` without a body. */
  readonly examples: readonly string[];
}

/** An `error_code` of the contract. */
export interface ErrorDescription {
  readonly code: string;
  /** Its statuses; empty when no operation has it, as with the error of unknown paths. */
  readonly statuses: readonly number[];
  /** Whether responses to requests without an operation can have it. */
  readonly withoutOperation: boolean;
  /** Whether responses with it have `Retry-After`. */
  readonly retryAfter: boolean;
}

/**
 * The types of an operation's handler.
 *
 * `Data` and `Responses` are the generated types. `Defaulted` are the query parameters with a default, which the validator fills
 * in. Of the query parameters `OneOf`, at least one is present, and the first one counts. `Line` is the type of an NDJSON line;
 * `never` without an NDJSON response.
 */
export interface OperationTypes<
  Data,
  Responses,
  Defaulted extends PropertyKey,
  OneOf extends readonly PropertyKey[],
  Line,
> {
  readonly query: WithOneOf<WithDefaults<Part<Data, "query">, Defaulted>, OneOf>;
  readonly path: Readonly<Part<Data, "path">>;
  readonly body: Data extends { body: infer Body } ? Body : undefined;
  readonly answers: AnswerOf<Responses> | LinesOf<Line>;
}

/** The generator writes `query?: never` for no parameters; a handler gets an empty object. */
type Part<Data, Name extends "query" | "path"> = Data extends { [Key in Name]?: infer Value extends object }
  ? [Value] extends [never]
    ? Readonly<Record<never, never>>
    : Value
  : never;

type WithDefaults<Query, Defaulted extends PropertyKey> = {
  readonly [Name in keyof Query as Exclude<Name, Defaulted>]: Query[Name];
} & { readonly [Name in keyof Query as Extract<Name, Defaulted>]-?: Query[Name] };

/** With `jid` and `number`: either `jid` is present, or `jid` is absent and `number` is present. */
type WithOneOf<Query, OneOf extends readonly PropertyKey[]> = OneOf extends readonly [
  infer First extends keyof Query,
  ...infer Others extends readonly PropertyKey[],
]
  ?
      | (Query & { readonly [Name in First]-?: NonNullable<Query[Name]> })
      | (Others extends readonly []
          ? never
          : WithOneOf<Omit<Query, First> & { readonly [Name in First]?: undefined }, Others>)
  : Query;

/**
 * The server writes the envelope, so a handler returns its `data`; a response without an envelope is `body`. Bytes are returned
 * as a file, since the server handles ranges and `If-None-Match`.
 */
type AnswerOf<Responses> = {
  [Status in keyof Responses]: Status extends 206 | 304
    ? never
    : Responses[Status] extends { success: true; data: infer Data }
      ? { readonly status: Status; readonly data: Data }
      : Responses[Status] extends Blob
        ? { readonly status: Status; readonly bytes: StoredBytes }
        : { readonly status: Status; readonly body: Responses[Status] };
}[keyof Responses];

/** Each line has an envelope, too. The server writes an error line when the iteration fails. */
type LinesOf<Line> = Line extends { success: true; data: infer Data }
  ? { readonly status: 200; readonly lines: AsyncIterable<Data> }
  : never;

/** Bytes of a response. */
export interface StoredBytes {
  /** The value of the header `ETag`, including its quotes. */
  readonly etag: string;
  /** Opens the file; called only when the bytes are sent. */
  open(): Promise<OpenBytes>;
}

/** A file that does not change until `close`. */
export interface OpenBytes {
  /** An absolute path. */
  readonly path: string;
  close(): Promise<void>;
}
