/** What a path of the CDN names: a picture in one of its sizes, an encrypted blob, or nothing it knows. */
export type CdnKind = "image" | "preview" | "blob" | "other";

/** A request as it arrived, before any fault. */
export interface CdnRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  readonly kind: CdnKind;
  /** The picture's id or the blob's name; empty for kind `other`. */
  readonly id: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A request with the status that was answered; 0 when the connection was cut before any. */
export interface AnsweredCdnRequest extends CdnRequest {
  readonly status: number;
}

const CAPACITY = 1_000;

/** What was asked of the CDN since the start or the last reset. The oldest are forgotten beyond 1,000; counts are not. */
export class CdnRequests {
  readonly #counts = new Map<CdnKind | number, number>();
  #last: AnsweredCdnRequest[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Oldest first. */
  get last(): readonly AnsweredCdnRequest[] {
    return this.#last;
  }

  /** @param what a kind, or an HTTP status. */
  get(what: CdnKind | number): number {
    return this.#counts.get(what) ?? 0;
  }

  reset(): void {
    this.#counts.clear();
    this.#last = [];
    this.#total = 0;
  }

  add(request: AnsweredCdnRequest): void {
    this.#total += 1;
    for (const what of [request.kind, request.status]) this.#counts.set(what, this.get(what) + 1);
    this.#last.push(request);
    if (this.#last.length > CAPACITY) this.#last.shift();
  }
}
