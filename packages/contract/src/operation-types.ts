/** What the list `operations` says about one operation. */
export interface OperationDescription {
  readonly operationId: string;
  readonly method: "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace";
  /** As in the contract, with `{name}` for path parameters. */
  readonly path: string;
  readonly tag: string;
  /** Whether it takes no token. */
  readonly public: boolean;
  /** Who may call it, its `x-role`; a server knows what the names mean. */
  readonly role: string;
  /** Query parameters of which one is needed; the first that is given counts. Empty for most operations. */
  readonly requiresOneOf: readonly string[];
  readonly hasBody: boolean;
  /** Whether a field of its body is a picture in base64, for which a body may be larger. */
  readonly hasPicture: boolean;
  /** Its documented answers, lowest status first. One that callers may have as lines too is there a second time. */
  readonly responses: readonly ResponseDescription[];
  /** What each line of its answer is held against, the name of a schema; `null` where it answers no lines. */
  readonly ndjsonItem: string | null;
}

/** What the list `operations` says about one documented answer. */
export interface ResponseDescription {
  readonly status: number;
  /** The `error_code` values it may carry; empty for successes. */
  readonly errorCodes: readonly string[];
  /** `null`: there is no body, as HTTP has it for 204 and 304. */
  readonly contentType: string | null;
  /** Whether the body is lines of JSON, each in an envelope; it is for who asks for `contentType` in `Accept`. */
  readonly lines: boolean;
  /** Whether the body is bytes, whatever is in them; examples of it are in base64. */
  readonly bytes: boolean;
  /** Whether the body is an envelope with `success`. */
  readonly envelope: boolean;
  /** The names of its headers, as the contract writes them. */
  readonly headers: readonly string[];
  /** The names of its examples, as `Prefer: example=…` of the mock takes them; `empty` where there is no body. */
  readonly examples: readonly string[];
}

/** What the contract says about one `error_code`. */
export interface ErrorDescription {
  readonly code: string;
  /** The statuses it comes with; empty when no operation answers it, as with paths that are not described. */
  readonly statuses: readonly number[];
  /** Whether requests that are for no operation may be answered so. */
  readonly withoutOperation: boolean;
  /** Whether an answer that may carry it has `Retry-After`. */
  readonly retryAfter: boolean;
}

/**
 * An operation as its handler sees it. `Data` and `Responses` are generated; `Defaulted` names the query parameters
 * that have a default: the validator fills them in, so a handler always gets them. Of the parameters `OneOf` at least
 * one is there; where one is given, those after it do not count. `Line` is what its lines may be, where it answers some.
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

/** `query?: never` is how the generator writes "none"; a handler gets an object of which nothing may be read. */
type Part<Data, Name extends "query" | "path"> = Data extends { [Key in Name]?: infer Value extends object }
  ? [Value] extends [never]
    ? Readonly<Record<never, never>>
    : Value
  : never;

type WithDefaults<Query, Defaulted extends PropertyKey> = {
  readonly [Name in keyof Query as Exclude<Name, Defaulted>]: Query[Name];
} & { readonly [Name in keyof Query as Extract<Name, Defaulted>]-?: Query[Name] };

/** With `jid` and `number`: either there is a `jid`, or there is none and a `number`. */
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
 * An envelope is written by the server, so a handler gives its `data`; what has none is given as `body`. Bytes are given
 * as where they are: it is the server that answers a part of them, or that the asker has them already.
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

/** Lines have envelopes, too. One that is an error is written by the server, when getting the next one fails. */
type LinesOf<Line> = Line extends { success: true; data: infer Data }
  ? { readonly status: 200; readonly lines: AsyncIterable<Data> }
  : never;

/** Bytes that can be sent. */
export interface StoredBytes {
  /** Names them, as the header `ETag` has it, quotes included. */
  readonly etag: string;
  /** Gets them, which is done only when they are to be sent. */
  open(): Promise<OpenBytes>;
}

/** A file that stays as it is until `close`. */
export interface OpenBytes {
  /** Absolute. */
  readonly path: string;
  close(): Promise<void>;
}
