import { allowsText, type Input } from "./requests.ts";
import { isObject, type Json, object, objectsIn, type Schemas } from "./schemas.ts";
import type { ValidRequest } from "./valid.ts";

/** A value in a request that can be exchanged for another. */
export type Place = TextPlace | JsonPlace;

interface CommonPlace {
  /** As people would call it, such as `query limit`; in a list, each element has the same. */
  readonly name: string;
  readonly schema: Json;
}

/** A parameter. */
export interface TextPlace extends CommonPlace {
  readonly kind: "text";
  readonly input: Input;
  readonly value: string;
  with(text: string): ValidRequest;
  allows(text: string): boolean;
}

/** The body, or a part of it. */
export interface JsonPlace extends CommonPlace {
  readonly kind: "json";
  readonly value: unknown;
  with(value: unknown): ValidRequest;
  allows(value: unknown): boolean;
  /** Without the value; for the body as a whole and for what is in a list, `undefined`. */
  without: (() => ValidRequest) | undefined;
}

/** The parameters that a request has, by their place. */
export function textPlaces(request: ValidRequest, schemas: Schemas): TextPlace[] {
  return request.described.inputs.flatMap((input): TextPlace[] => {
    const value = textOf(request, input);
    if (value === undefined) return [];
    return [
      {
        kind: "text",
        name: `${input.in} ${input.name}`,
        schema: schemas.resolve(input.schema),
        input,
        value,
        with: (text) => withText(request, input, text),
        allows: (text) => allowsText(input, text, schemas),
      },
    ];
  });
}

/** @returns the parameter's text in a request, `undefined` when it has none */
export function textOf(
  { path, query, headers }: ValidRequest,
  { in: place, name }: Input,
): string | undefined {
  if (place === "query") return query.find(([each]) => each === name)?.[1];
  return place === "path" ? path[name] : headers[name];
}

/** @returns the request with another text for a parameter, or with the parameter if it had none */
export function withText(request: ValidRequest, { in: place, name }: Input, text: string): ValidRequest {
  if (place === "path") return { ...request, path: { ...request.path, [name]: text } };
  if (place === "header") return { ...request, headers: { ...request.headers, [name]: text } };
  const others = request.query.filter(([each]) => each !== name);
  return { ...request, query: [...others, [name, text]] };
}

/** The body of a request and all that is in it. */
export function jsonPlaces(request: ValidRequest, schemas: Schemas): JsonPlace[] {
  const { body: described } = request.described;
  if (!described || request.body === undefined) return [];
  const isValid = (body: unknown) => schemas.isValid(described.schema, body);
  const whole: JsonPlace = {
    kind: "json",
    name: "body",
    schema: schemas.resolve(described.schema),
    value: request.body,
    with: (body) => ({ ...request, body }),
    allows: isValid,
    without: undefined,
  };
  return [whole, ...placesIn(whole, schemas, isValid)];
}

function placesIn(place: JsonPlace, schemas: Schemas, isValid: (body: unknown) => boolean): JsonPlace[] {
  const { value, name } = place;
  const at = (key: string | number, schema: Json): JsonPlace[] => {
    const child: JsonPlace = {
      kind: "json",
      name: `${name} ${typeof key === "number" ? "item" : key}`,
      schema: schemas.resolve(schema),
      value: Reflect.get(Object(value), key),
      with: (other) => place.with(replaced(value, key, other)),
      allows: (other) => isValid(place.with(replaced(value, key, other)).body),
      without: isObject(value) ? () => place.with(removed(value, String(key))) : undefined,
    };
    return [child, ...placesIn(child, schemas, isValid)];
  };
  return applying(place.schema, value, schemas).flatMap((schema) => {
    if (Array.isArray(value)) return value.flatMap((_item, index) => at(index, object(schema.items ?? {})));
    const properties = object(schema.properties ?? {});
    return isObject(value)
      ? Object.keys(value).flatMap((key) => (key in properties ? at(key, object(properties[key])) : []))
      : [];
  });
}

/** The schema, and those of its alternatives that allow the value. */
function applying(schema: Json, value: unknown, schemas: Schemas): Json[] {
  const alternatives = [schema.allOf, schema.oneOf, schema.anyOf].flatMap(objectsIn);
  const chosen = alternatives.filter((one) => schemas.isValid(one, value));
  return [schema, ...chosen.flatMap((one) => applying(schemas.resolve(one), value, schemas))];
}

function replaced(parent: unknown, key: string | number, value: unknown): unknown {
  if (Array.isArray(parent)) return parent.with(Number(key), value);
  return { ...object(parent), [key]: value };
}

function removed({ ...parent }: Json, key: string): Json {
  const { [key]: _removed, ...rest } = parent;
  return rest;
}
