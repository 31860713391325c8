import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** A JSON object of the contract: a schema, a parameter, or a part of one. */
export type Json = Readonly<Record<string, unknown>>;

/** The schemas of one contract. */
export interface Schemas {
  /** @returns what stands behind a reference; what stands beside it is kept */
  resolve(described: Json): Json;
  isValid(schema: Json, value: unknown): boolean;
}

/** @param document an OpenAPI document, its references kept */
export function schemasOf(document: object): Schemas {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(structuredClone(document), "contract");
  // Schemas are copied where a reference is resolved, so that the same one may come as several objects.
  const compiled = new Map<string, ValidateFunction>();
  const validators = new WeakMap<Json, ValidateFunction>();

  function validatorOf(schema: Json): ValidateFunction {
    const text = JSON.stringify(schema);
    const validate = compiled.get(text) ?? ajv.compile(referringTo("contract", schema));
    compiled.set(text, validate);
    return validate;
  }

  function resolve(described: Json): Json {
    const { $ref, ...beside } = described;
    if (typeof $ref !== "string") return described;
    const target = $ref
      .replace(/^#\//, "")
      .split("/")
      .reduce<unknown>((parent, key) => Reflect.get(object(parent), key.replaceAll("~1", "/")), document);
    return { ...resolve(object(target)), ...beside };
  }

  return {
    resolve,
    isValid(schema, value) {
      const validate = validators.get(schema) ?? validatorOf(schema);
      validators.set(schema, validate);
      return validate(value);
    },
  };
}

/** @returns a copy whose references `#/…` are to another document */
function referringTo(document: string, schema: Json): Json {
  return object(
    JSON.parse(
      JSON.stringify(schema, (key, value: unknown) =>
        key === "$ref" && typeof value === "string" && value.startsWith("#") ? document + value : value,
      ),
    ),
  );
}

/** @returns the types that a schema allows, none when it does not say */
export function typesOf({ type }: Json): readonly string[] {
  return typeof type === "string" ? [type] : textsIn(type);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws Error when it is none */
export function object(value: unknown): Json {
  if (!isObject(value)) throw new Error(`expected an object, found ${JSON.stringify(value)}`);
  return value;
}

/** @returns the objects of a list, none when it is `undefined` */
export function objectsIn(value: unknown): readonly Json[] {
  return list(value).map(object);
}

/** @returns the texts of a list, none when it is `undefined` */
export function textsIn(value: unknown): readonly string[] {
  return list(value).map((each) => {
    if (typeof each !== "string") throw new Error(`expected a text, found ${JSON.stringify(each)}`);
    return each;
  });
}

/** @returns the elements of a list, none when it is `undefined` */
export function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error(`expected a list, found ${JSON.stringify(value)}`);
  return value;
}

/** @returns the number, or `undefined` when there is none */
export function numberIn(value: unknown): number | undefined {
  if (value === undefined || typeof value === "number") return value;
  throw new Error(`expected a number, found ${JSON.stringify(value)}`);
}
