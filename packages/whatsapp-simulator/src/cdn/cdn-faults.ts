import type { CdnKind, CdnRequest } from "./cdn-requests.ts";

/** Picks requests: by kind, or by a function of the request. */
export type CdnMatcher = CdnKind | ((request: CdnRequest) => boolean);

/**
 * Makes the CDN misbehave, for all requests unless `matching` picks some. Each returns a function that takes it
 * back; of several of one sort the newest counts.
 */
export interface CdnFaults {
  /** Waits before the answer's first byte. */
  slow(milliseconds: number, matching?: CdnMatcher): () => void;
  /** Sends the headers and so many bytes of the body, at least 1, then nothing more; the connection stays. */
  stall(afterBytes: number, matching?: CdnMatcher): () => void;
  /** Sends the headers and so many bytes of the body, at least 1, then cuts the connection. */
  cut(afterBytes: number, matching?: CdnMatcher): () => void;
  /** Answers 302 to another address. */
  redirect(location: string, matching?: CdnMatcher): () => void;
  /** Declares another content type than the body's. */
  contentType(type: string, matching?: CdnMatcher): () => void;
  /**
   * Sends a body of so many bytes, the right one and zeros behind it.
   * @param declared whether the headers have its length; without, it only shows while reading.
   */
  oversize(bytes: number, declared: boolean, matching?: CdnMatcher): () => void;
  /** Answers a status and no picture, e.g. 404, 410, 429 or 500. */
  refuse(status: number, matching?: CdnMatcher): () => void;
}

/** What applies to one request. */
export interface CdnFault {
  readonly delay?: number;
  readonly stall?: number;
  readonly cut?: number;
  readonly location?: string;
  readonly type?: string;
  readonly size?: { readonly bytes: number; readonly declared: boolean };
  readonly status?: number;
}

interface Rule {
  readonly fault: CdnFault;
  readonly matching: CdnMatcher | undefined;
}

export class CdnFaultRules implements CdnFaults {
  readonly #rules = new Set<Rule>();

  slow(delay: number, matching?: CdnMatcher): () => void {
    return this.#add({ delay }, matching);
  }

  stall(afterBytes: number, matching?: CdnMatcher): () => void {
    return this.#add({ stall: afterBytes }, matching);
  }

  cut(afterBytes: number, matching?: CdnMatcher): () => void {
    return this.#add({ cut: afterBytes }, matching);
  }

  redirect(location: string, matching?: CdnMatcher): () => void {
    return this.#add({ location }, matching);
  }

  contentType(type: string, matching?: CdnMatcher): () => void {
    return this.#add({ type }, matching);
  }

  oversize(bytes: number, declared: boolean, matching?: CdnMatcher): () => void {
    return this.#add({ size: { bytes, declared } }, matching);
  }

  refuse(status: number, matching?: CdnMatcher): () => void {
    return this.#add({ status }, matching);
  }

  reset(): void {
    this.#rules.clear();
  }

  /** All faults that a request meets, merged. */
  of(request: CdnRequest): CdnFault {
    const met = [...this.#rules].filter(({ matching }) => matches(matching, request));
    return Object.assign({}, ...met.map(({ fault }) => fault));
  }

  #add(fault: CdnFault, matching: CdnMatcher | undefined): () => void {
    const rule = { fault, matching };
    this.#rules.add(rule);
    return () => void this.#rules.delete(rule);
  }
}

function matches(matching: CdnMatcher | undefined, request: CdnRequest): boolean {
  if (matching === undefined) return true;
  return typeof matching === "string" ? matching === request.kind : matching(request);
}
