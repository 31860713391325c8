/**
 * What the linter gives to a rule: the part of Redocly's plugin interface that is used here. Redocly CLI brings no
 * types for it. See https://redocly.com/docs/cli/custom-plugins/custom-rules
 */
export interface Plugin {
  readonly id: string;
  readonly rules: { readonly oas3: Readonly<Record<string, Rule>> };
}

/** Made once for each document, so a rule may keep what it has seen in it. */
export type Rule = () => Visitor;

/**
 * By type of node. The walker calls it once for each place in the document, behind references too. Inside another
 * type it is called for each way from there, such as once for each operation that answers a shared response.
 */
export interface Visitor {
  readonly [nodeType: string]: Visit | Visitor;
}

/** @param parents by type, the nodes of the visitors that this one stands in */
export type Visit = (node: Json, context: Context, parents: Readonly<Record<string, Json>>) => void;

export interface Context {
  /** What the node is called where it stands; behind a reference, where the reference stands. */
  readonly key: string | number;
  readonly location: Location;
  readonly type: { readonly name: string; readonly extensionsPrefix?: string };
  /** @returns what a reference refers to, and where that is; what is no reference comes back as it is */
  resolve(node: unknown): { readonly node: unknown; readonly location?: Location };
  report(problem: { readonly message: string; readonly location: Location }): void;
}

export interface Location {
  /** A JSON pointer, such as `#/paths/~1devices/get`. */
  readonly pointer: string;
  child(path: readonly (string | number)[]): Location;
  /** The name of what is here, instead of what is here. */
  key(): Location;
}

/** A JSON object of the contract whose content is looked at step by step. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns `value` if it is an object, else one without properties */
export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** @returns `value` if it is a list, else an empty one */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
