import type { Contract, OperationDescription } from "@wuts/contract";
import { asObject, isObject, jsonBodyIn, parametersIn, resolveIn } from "@wuts/contract/document";

/** Values by the names of parameters and body fields. */
export type Values = Readonly<Record<string, unknown>>;

/** A parameter or body field of a request. */
export interface Field {
  readonly name: string;
  readonly in: "path" | "query" | "body";
  /** The contract's default; `undefined` without one. */
  readonly default: unknown;
  /** Normalizes a value: equivalent values have the same text. */
  readonly canonical: (value: unknown) => string;
  /** Whether a value matches the field's pattern. */
  readonly allows: (value: unknown) => boolean;
}

/** Normalizers by the name of a schema, for schemas whose values have several equivalent forms. */
export const canonicalForms = {
  WrittenPhoneNumber: (text: string) => text.replaceAll(/[^0-9A-Za-z@]/g, "").replace(/^00/, ""),
  /** Removes the device part, as of `5511999999999:3@s.whatsapp.net`. */
  ContactOrGroupJid: (text: string) => text.replace(/:\d+(?=@)/, ""),
  EmailAddress: (text: string) => text.toLowerCase(),
};

/** @returns the fields of an operation's path, query and body */
export function fieldsOf({ document }: Contract, operation: OperationDescription): Field[] {
  const parameters = parametersIn(document, operation).flatMap(({ name, in: place, schema }) => {
    if (typeof name !== "string" || (place !== "path" && place !== "query")) return [];
    return [fieldOf(document, name, place, schema)];
  });
  const { schema: body } = jsonBodyIn(document, operation);
  const properties = Object.entries(asObject(resolveIn(document, body).properties));
  return [...parameters, ...properties.map(([name, schema]) => fieldOf(document, name, "body", schema))];
}

/** @returns the values of a request, and the defaults of missing ones */
export function valuesOf(
  { path, fields, requiresOneOf }: OperationDescription & { readonly fields: readonly Field[] },
  url: URL,
  body: unknown,
): Values {
  const defaults = fields
    .map((field) => [field.name, field.default])
    .filter(([, value]) => value !== undefined);
  const values = {
    ...Object.fromEntries(defaults),
    ...(isObject(body) && body),
    ...Object.fromEntries(url.searchParams),
    ...pathValues(path, url.pathname),
  };
  const [, ...passedOver] = requiresOneOf.filter((name) => name in values);
  return Object.fromEntries(Object.entries(values).filter(([name]) => !passedOver.includes(name)));
}

function fieldOf(document: Contract["document"], name: string, place: Field["in"], schema: unknown): Field {
  const component = asObject(schema).$ref;
  const forms: Readonly<Record<string, ((text: string) => string) | undefined>> = canonicalForms;
  const form = typeof component === "string" ? forms[component.split("/").at(-1) ?? ""] : undefined;
  const { default: fallback, pattern } = resolveIn(document, schema);
  const written = typeof pattern === "string" ? new RegExp(pattern, "u") : undefined;
  return {
    name,
    in: place,
    default: fallback,
    allows: (value) => typeof value !== "string" || written === undefined || written.test(value),
    canonical: (value) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return form === undefined ? text : form(text);
    },
  };
}

function pathValues(template: string, path: string): Values {
  const parts = path.split("/");
  const named = template.split("/").flatMap((part, index) => {
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    return name === undefined ? [] : [[name, decodeURIComponent(parts[index] ?? "")]];
  });
  return Object.fromEntries(named);
}
