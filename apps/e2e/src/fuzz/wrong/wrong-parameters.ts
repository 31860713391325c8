import fc from "fast-check";
import { jsonPlaces, type TextPlace, textOf, textPlaces, withText } from "../places.ts";
import { canCarry, type DescribedRequest, type Input } from "../requests.ts";
import { isObject } from "../schemas.ts";
import {
  encode,
  type Surroundings,
  someValidRequests,
  targetOf,
  textsFor,
  type ValidRequest,
} from "../valid.ts";
import { oddCharacters } from "../values.ts";
import { type Kind, operationsAt, rewritten, spoiled, type WrongRequest, withItem } from "./wrong.ts";
import { prototypeNames, type WrongValues, wrongValues } from "./wrong-values.ts";

/** Kinds of values that are also wrong as the name of a parameter, so that they are so for every operation. */
const wrongNames: Readonly<Record<string, fc.Arbitrary<string>>> = {
  NUL: fc.constantFrom("\0", "a\0", "\0limit"),
  "odd Unicode": fc.constantFrom(...oddCharacters, "\ud800"),
  "very long": fc.constantFrom(300, 3_000).map((length) => "x".repeat(length)),
  "prototype name": fc.constantFrom(...prototypeNames),
  "path traversal": fc.constantFrom("../..", "/etc/passwd", "..%2f"),
};

/** What can be wrong about what a request says: its parameters, and the values in its body. */
export const parameterKinds: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(
    Object.entries(wrongValues).map(([name, values]) => [name, wrongValue(values, wrongNames[name])]),
  ),

  missing: (described, around) =>
    spoiled(described, around, (request) => {
      const ways = waysToOmit(request, around);
      return ways.length === 0 ? fc.constant(undefined) : fc.constantFrom(...ways);
    }),

  "surplus parameter": (described, around) =>
    spoiled(described, around, (request) =>
      fc.tuple(surplusNames, fc.string()).map(([name, value]) => surplus(request, around, name, value)),
    ),

  "surplus field": (described, around) =>
    spoiled(described, around, (request) => {
      const places = jsonPlaces(request, around.schemas).filter(({ value }) => isObject(value));
      if (places.length === 0) return fc.constant(undefined);
      const names = fc.oneof(
        fc.constantFrom(...prototypeNames, "id", "user_id", "__v", "$where"),
        fc.string(),
      );
      return fc.tuple(fc.constantFrom(...places), names, fc.jsonValue()).map(([place, name, more]) => {
        const value = { ...Object(place.value), [name]: more };
        if (name in Object(place.value) && !prototypeNames.includes(name)) return undefined;
        if (place.allows(value)) return undefined;
        return wrong(request, place.with(value), around, `${place.name} has ${JSON.stringify(name)} besides`);
      });
    }),

  "repeated parameter": (described, around) =>
    spoiled(described, around, (request) => {
      if (request.query.length === 0) return fc.constant(undefined);
      return fc
        .tuple(fc.constantFrom(...request.query), fc.constantFrom("what needs it", "everything"))
        .map(([[name, value], percent]) => ({
          wire: rewritten(request, around, ({ target }) => ({
            target: withItem(target, `${encode(name, percent)}=${encode(value, percent)}`),
          })),
          why: `query ${name} is there twice`,
          statuses: [400],
        }));
    }),

  "wrong percent-encoding": (described, around) =>
    spoiled(described, around, (request) => {
      const places = textPlaces(request, around.schemas).filter(({ input }) => input.in !== "header");
      const asName = fc
        .constantFrom(...wrongSequences)
        .map((sequence) => undecodable(request, around, sequence));
      if (places.length === 0) return asName;
      const inValue = fc
        .tuple(fc.constantFrom(...places), fc.constantFrom(...wrongSequences))
        .map(([place, sequence]) => undecodableIn(request, around, place, sequence));
      return fc.oneof(inValue, asName);
    }),
};

/** Nothing decodes to these in UTF-8. */
const wrongSequences = [
  ...["%", "%Z", "%ZZ", "%2", "%u0041", "%-1"],
  ...[
    "%FF",
    "%80",
    "%C0%AF",
    "%C1%81",
    "%E2%82",
    "%E0%80%AF",
    "%ED%A0%80",
    "%F4%90%80%80",
    "%F8%88%80%80%80",
  ],
];

const surplusNames = fc.oneof(
  fc.constantFrom("colour", "token", "access_token", "_", "$where", "a[]", "a[b]", "a.b", "limit[]", "id"),
  fc.string({ minLength: 1 }),
);

/** One for each place that a request of the operation may have, and one for the names of parameters. */
function wrongValue(values: WrongValues, names: fc.Arbitrary<string> | undefined): Kind {
  return (described, around) => [
    ...described.inputs.flatMap((input) => wrongText(input, described, around, values)),
    ...namesOfBodyPlaces(described, around).flatMap((name) => wrongJson(name, described, around, values)),
    ...(names
      ? spoiled(described, around, (request) => names.map((name) => surplus(request, around, name, "1")))
      : []),
  ];
}

function wrongText(
  input: Input,
  described: DescribedRequest,
  around: Surroundings,
  values: WrongValues,
): readonly fc.Arbitrary<WrongRequest>[] {
  return spoiled(described, around, (request) =>
    textsFor(input, around).chain((text) => {
      const given = textOf(request, input) === undefined ? withText(request, input, text) : request;
      const place = textPlaces(given, around.schemas).find((each) => each.input === input);
      if (!place) return fc.constant(undefined);
      return values(place, around.schemas).map((value) => {
        if (typeof value !== "string" || place.allows(value) || !canCarry(input, value)) return undefined;
        return wrong(
          given,
          place.with(value),
          around,
          `${place.name} is ${JSON.stringify(value).slice(0, 100)}`,
        );
      });
    }),
  );
}

function wrongJson(
  name: string,
  described: DescribedRequest,
  around: Surroundings,
  values: WrongValues,
): readonly fc.Arbitrary<WrongRequest>[] {
  return spoiled(described, around, (request) => {
    const places = jsonPlaces(request, around.schemas).filter((place) => place.name === name);
    if (places.length === 0) return fc.constant(undefined);
    return fc.constantFrom(...places).chain((place) =>
      values(place, around.schemas).map((value) => {
        if (value === undefined || place.allows(value)) return undefined;
        return wrong(request, place.with(value), around, `${name} is ${JSON.stringify(value).slice(0, 100)}`);
      }),
    );
  });
}

/** What bodies of the operation are made of, as far as some of them show. */
function namesOfBodyPlaces(described: DescribedRequest, around: Surroundings): string[] {
  if (!described.body) return [];
  const places = someValidRequests(described, around).flatMap((request) =>
    jsonPlaces(request, around.schemas),
  );
  return [...new Set(places.map(({ name }) => name))];
}

/** The request with something else in it, if it still is for the same operation. */
function wrong(
  request: ValidRequest,
  changed: ValidRequest,
  around: Surroundings,
  why: string,
): WrongRequest | undefined {
  const [path = ""] = targetOf(changed).split("?");
  const { operation } = request.described;
  const isElsewhere = operationsAt(path, around.operations).some((other) => other.path !== operation.path);
  if (isElsewhere) return undefined;
  const isOtherPath = JSON.stringify(changed.path) !== JSON.stringify(request.path);
  // A part of the path that is empty, or is a slash once it is decoded, makes it another path.
  return { wire: rewritten(changed, around), why, statuses: isOtherPath ? [400, 404] : [400] };
}

function surplus(
  request: ValidRequest,
  around: Surroundings,
  name: string,
  value: string,
): WrongRequest | undefined {
  if (request.described.inputs.some((input) => input.name === name)) return undefined;
  const item = `${encode(name, "what needs it")}=${encode(value, "what needs it")}`;
  return {
    wire: rewritten(request, around, ({ target }) => ({ target: withItem(target, item) })),
    why: `query ${JSON.stringify(name.slice(0, 100))} is not described`,
    statuses: [400],
  };
}

function waysToOmit(request: ValidRequest, around: Surroundings): WrongRequest[] {
  const { described, query } = request;
  const needed = described.inputs.filter((input) => input.in === "query" && input.required);
  const without = (names: readonly string[]) => ({
    ...request,
    query: query.filter(([name]) => !names.includes(name)),
  });
  const { requiresOneOf } = described.operation;
  return [
    ...needed.map(({ name }) => ({
      wire: rewritten(without([name]), around),
      why: `query ${name} is missing`,
      statuses: [400],
    })),
    ...(requiresOneOf.length === 0
      ? []
      : [
          {
            wire: rewritten(without(requiresOneOf), around),
            why: `query ${requiresOneOf.join(" and ")} are missing`,
            statuses: [400],
          },
        ]),
    ...jsonPlaces(request, around.schemas).flatMap((place) => {
      const less = place.without?.();
      const { schema } = described.body ?? {};
      if (!less || !schema || around.schemas.isValid(schema, less.body)) return [];
      return [{ wire: rewritten(less, around), why: `${place.name} is missing`, statuses: [400] }];
    }),
    ...(described.body?.required
      ? [
          {
            wire: rewritten(request, around, ({ headers }) => ({ headers, body: Buffer.alloc(0) })),
            why: "the body is empty",
            statuses: [400],
          },
          {
            wire: rewritten({ ...request, body: undefined }, around),
            why: "the body is missing",
            statuses: [400, 415],
          },
        ]
      : []),
  ];
}

function undecodable(request: ValidRequest, around: Surroundings, sequence: string): WrongRequest {
  return {
    wire: rewritten(request, around, ({ target }) => ({ target: withItem(target, `${sequence}=1`) })),
    why: `query ${sequence} is not described`,
    statuses: [400],
  };
}

function undecodableIn(
  request: ValidRequest,
  around: Surroundings,
  place: TextPlace,
  sequence: string,
): WrongRequest | undefined {
  // Read as they stand, or with the usual sign for what cannot be read.
  const readings = [`${place.value}${sequence}`, `${place.value}\ufffd`, `${place.value}\ufffd\ufffd`];
  if (readings.some((text) => place.allows(text))) return undefined;
  const mark = "0f0f0f0f0f0f0f0f";
  const marked = { ...place.with(mark), writing: { ...request.writing, percent: "what needs it" as const } };
  return {
    wire: rewritten(marked, around, ({ target }) => ({
      target: target.replace(mark, encode(place.value, "what needs it") + sequence),
    })),
    why: `${place.name} ends in ${sequence}`,
    statuses: [400],
  };
}
