import {
  type CallDescription,
  codesOfEveryCall,
  type GroupDescription,
  type ParameterDescription,
} from "./describe-calls.ts";

/** @returns the module with the types of all calls: what an editor shows of `wuts.<tag>.<call>()` */
export function callsModule(groups: readonly GroupDescription[]): string {
  const calls = groups.flatMap((group) => group.calls);
  return `${head}
import type { WutsPromise } from "../calls/call.ts";
import type { DataOf, LineOf, ParameterOf, RequireOneOf } from "../calls/call-types.ts";
import type { CallOptions } from "../index.ts";
import type * as types from "./types.gen.ts";

${calls
  .filter(({ parameters }) => parameters.length > 0)
  .map(parametersType)
  .join("\n\n")}

${groups.map(groupType).join("\n\n")}

/** All groups of calls. */
export interface Groups {
${groups
  .map(({ tag, description }) => `${doc(2, [description])}\n  readonly ${tag}: ${groupName(tag)};`)
  .join("\n")}
}

/** The codes that the server answers to each call, by the name of the call. */
export interface ServerCodes {
${calls
  .map(
    (call) =>
      `${doc(2, [`Of \`wuts.${call.tag}.${call.name}()\`.`])}\n  "${called(call)}": ${union(call.errorCodes)};`,
  )
  .join("\n")}
}

/** The codes of requests that reach no call, such as those to another path than the server's. */
export type CodeOfEveryCall = ${union(codesOfEveryCall)};
`;
}

/** @returns the module with the types of the contract that calls take and give */
export function schemasModule(schemas: readonly string[]): string {
  return `${head}
export type {
${schemas.map((name) => `  ${name},`).join("\n")}
} from "./types.gen.ts";
`;
}

/** @returns the module with what TanStack Query is offered of each call, at run time and as types */
export function queriesModule(groups: readonly GroupDescription[]): string {
  return `${head}
import type { DataOf } from "../calls/call-types.ts";
import type { GroupQueries, MutationCall, PagedQueryCall, QueryCall } from "../queries/query-types.ts";
import type * as calls from "./calls.gen.ts";
import type * as types from "./types.gen.ts";

/** What a call is for TanStack Query, by tag and name. \`bare\` ones take no parameters. */
export const queryCalls: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(
    Object.fromEntries(
      groups.map((group) => [
        group.tag,
        Object.fromEntries(group.calls.map((call) => [call.name, kindOf(call)])),
      ]),
    ),
  )};

${groups.map(queriesType).join("\n\n")}

/** All groups of calls, for TanStack Query. */
export interface Queries {
${groups
  .map(({ tag, description }) => `${doc(2, [description])}\n  readonly ${tag}: ${queriesName(tag)};`)
  .join("\n")}
}
`;
}

const head = "// Written by scripts/generate.ts from openapi.yaml. Do not edit.\n";

function kindOf({ reads, all, parameters }: CallDescription): string {
  const kind = reads ? (all === undefined ? "query" : "pages") : "mutation";
  return parameters.length === 0 ? `bare ${kind}` : kind;
}

function parametersType(call: CallDescription): string {
  const { typeName, parameters, requiresOneOf } = call;
  const fields = parameters
    .map((parameter) => `${parameterDoc(parameter)}\n  ${field(call, parameter)}`)
    .join("\n");
  const title = doc(0, [`The parameters of \`wuts.${call.tag}.${call.name}()\`.`]);
  if (requiresOneOf.length === 0) return `${title}\nexport interface ${typeName}Parameters {\n${fields}\n}`;
  return `${title}\nexport type ${typeName}Parameters = RequireOneOf<{\n${fields}\n}, ${union(requiresOneOf)}>;`;
}

function parameterDoc({ description, defaultValue }: ParameterDescription): string {
  return doc(2, [description, ...(defaultValue === undefined ? [] : [`@default ${defaultValue}`])]);
}

function field({ typeName }: CallDescription, { name, where, required }: ParameterDescription): string {
  const type = `ParameterOf<types.${typeName}Data, "${where}", "${name}">`;
  return `${propertyName(name)}${required ? "" : "?"}: ${type}${required ? "" : " | undefined"};`;
}

function groupType({ tag, description, calls }: GroupDescription): string {
  return `${doc(0, [description])}
export interface ${groupName(tag)} {
${calls.flatMap(methodsOf).join("\n")}
}`;
}

function methodsOf(call: CallDescription): string[] {
  const { name, typeName, all, stream } = call;
  const given = (options?: { readonly ofAllPages: boolean }) =>
    [argumentOf(call, options), "options?: CallOptions"].filter((each) => each !== "").join(", ");
  const data = `DataOf<types.${typeName}Responses>`;
  return [
    `${callDoc(call)}\n  ${name}(${given()}): WutsPromise<${data}>;`,
    ...(all === undefined
      ? []
      : [
          `${allDoc(call)}\n  ${all}(${given({ ofAllPages: true })}): AsyncGenerator<${data}["items"][number], void, undefined>;`,
        ]),
    ...(stream === undefined
      ? []
      : [
          `${streamDoc(call)}\n  ${stream.name}(${given()}): AsyncGenerator<LineOf<types.${stream.line}>, void, undefined>;`,
        ]),
  ];
}

function callDoc(call: CallDescription): string {
  const { summary, description, all, stream } = call;
  const others = [
    ...(all === undefined ? [] : [`{@link ${groupName(call.tag)}.${all}} yields the items of all pages.`]),
    ...(stream === undefined
      ? []
      : [`{@link ${groupName(call.tag)}.${stream.name}} yields each result when it arrives.`]),
  ];
  return doc(2, [
    `${summary}.`,
    "",
    description,
    ...(others.length > 0 ? ["", ...others] : []),
    ...tagsOf(call),
  ]);
}

function allDoc(call: CallDescription): string {
  const meaning = `Yields every item of \`wuts.${call.tag}.${call.name}()\`, for \`for await\`. A page is requested when its first item is
needed; \`limit\` is the size of a page. Every page is a call of its own, with the options given.`;
  return doc(2, [`${call.summary}, of all pages.`, "", meaning, "", call.description, ...tagsOf(call)]);
}

function streamDoc(call: CallDescription): string {
  const meaning = `Yields each result of \`wuts.${call.tag}.${call.name}()\` when it arrives, for \`for await\`. The request is sent
when the loop begins. When the loop is left, the connection is closed and the server stops.`;
  return doc(2, [`${call.summary}, result by result.`, "", meaning, "", call.description, ...tagsOf(call)]);
}

function tagsOf(call: CallDescription): string[] {
  const codes = call.errorCodes.map((code) => `\`${code}\``).join(", ");
  return [
    "",
    ...(call.parameters.length > 0 ? ["@param parameters Its parameters, and the fields of its body."] : []),
    "@param options How this call is made, such as a `signal` that ends it.",
    `@throws WutsError for which \`isWutsError(error, "${called(call)}")\` is true, with a code of the client or one of ${codes}`,
  ];
}

/** @returns what a call is given, as a parameter of a method or the element of a tuple; an empty text without parameters */
function argumentOf(call: CallDescription, { module = "", ofAllPages = false } = {}): string {
  if (call.parameters.length === 0) return "";
  const type = `${module}${call.typeName}Parameters`;
  return `parameters${isOptional(call) ? "?" : ""}: ${ofAllPages ? `Omit<${type}, "cursor">` : type}`;
}

/** Whether a call can be made without parameters. */
function isOptional({ requiresOneOf, parameters }: CallDescription): boolean {
  return requiresOneOf.length === 0 && parameters.every(({ required }) => !required);
}

function queriesType({ tag, description, calls }: GroupDescription): string {
  return `${doc(0, [description])}
export interface ${queriesName(tag)} extends GroupQueries {
${calls.map((call) => `${doc(2, [`${call.summary}.`, "", call.description])}\n  readonly ${call.name}: ${queryType(call)};`).join("\n")}
}`;
}

function queryType(call: CallDescription): string {
  const { reads, all, typeName, parameters } = call;
  const module = "calls.";
  const data = `DataOf<types.${typeName}Responses>`;
  const last = `${data}, "${called(call)}"`;
  if (reads) {
    const ofCall = `[${argumentOf(call, { module })}]`;
    if (all === undefined) return `QueryCall<${ofCall}, ${last}>`;
    return `PagedQueryCall<${ofCall}, [${argumentOf(call, { module, ofAllPages: true })}], ${last}>`;
  }
  const variables = parameters.length === 0 ? [] : [`${module}${typeName}Parameters`];
  return `MutationCall<${[...variables, ...(isOptional(call) ? ["void"] : [])].join(" | ")}, ${last}>`;
}

/** The name of a call in types and errors, as users write it after `wuts.`. */
function called({ tag, name }: CallDescription): string {
  return `${tag}.${name}`;
}

function groupName(tag: string): string {
  return `${tag.charAt(0).toUpperCase()}${tag.slice(1)}Calls`;
}

function queriesName(tag: string): string {
  return groupName(tag).replace(/Calls$/, "Queries");
}

function propertyName(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function union(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(" | ") || "never";
}

function doc(indent: number, parts: readonly string[]): string {
  const margin = " ".repeat(indent);
  const lines = parts.join("\n").replaceAll("*/", "*\\/").trim().split("\n");
  return [`${margin}/**`, ...lines.map((line) => `${margin} * ${line}`.trimEnd()), `${margin} */`].join("\n");
}
