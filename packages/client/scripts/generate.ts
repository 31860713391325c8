/** Writes src/generated/ from openapi.yaml. */

import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type OpenApi, type UserConfig } from "@hey-api/openapi-ts";
import { contractYamlPath, operations } from "@wuts/contract";
import { asObject, linesType, resolveIn, stripRequiredOnlyAnyOf } from "@wuts/contract/document";
import manifest from "../package.json" with { type: "json" };
import { callsModule, queriesModule, schemasModule } from "./calls-module.ts";
import { describeGroups, schemasOfCalls, statusByCode } from "./describe-calls.ts";
import { methodName } from "./method-name.ts";
import { describeProperties, sayInSdkWords } from "./sdk-words.ts";

const output = fileURLToPath(new URL("../src/generated/", import.meta.url));
const groups = describeGroups();

refuseClashes();
await generate([
  {
    name: "@hey-api/sdk",
    // Without it, the generator's own client would be part of every bundle; src/client.ts takes its place.
    client: false,
    paramsStructure: "flat",
    responseStyle: "data",
    operations: {
      methods: "instance",
      strategy: ({ operationId = "", tags: [tag = ""] = [] }) => [["Sdk", tag, methodName(tag, operationId)]],
    },
  },
]);
await suffixIndexFiles();
await writeFile(join(output, "answers.gen.ts"), answersModule());
await writeFile(join(output, "calls.gen.ts"), callsModule(groups));
await writeFile(join(output, "queries.gen.ts"), queriesModule(groups));
await writeFile(join(output, "schemas.gen.ts"), schemasModule(schemasOfCalls()));
await writeFile(join(output, "runtime.gen.ts"), runtimeModule());

/** Writes types, the fetch client, and what the plugins make on top of these. Empties the folder first. */
async function generate(plugins: NonNullable<UserConfig["plugins"]>): Promise<void> {
  await createClient({
    input: contractYamlPath,
    output: { path: output, entryFile: false, fileName: { suffix: ".gen" }, module: { extension: ".ts" } },
    parser: { patch: { input: patched } },
    plugins: [
      "@hey-api/typescript",
      { name: "@hey-api/client-fetch", baseUrl: false, throwOnError: true },
      ...plugins,
    ],
    logs: { level: "warn" },
  });
}

/** The generator would keep one of two methods of the same name, in silence. */
function refuseClashes(): void {
  const names = groups.flatMap(({ calls }) =>
    calls.flatMap(({ tag, name, all, stream }) =>
      [name, all, stream?.name].filter((each) => each !== undefined).map((each) => `${tag}.${each}`),
    ),
  );
  const clash = names.find((name, index) => names.indexOf(name) !== index);
  if (clash !== undefined) throw new Error(`two operations would be ${clash}; rename one in openapi.yaml`);
}

function patched(document: OpenApi.V2_0_X | OpenApi.V3_0_X | OpenApi.V3_1_X): void {
  stripRequiredOnlyAnyOf(document);
  describeProperties(document);
  sayInSdkWords(document);
  inlineBodies(document);
  leaveOutRequestIds(document);
}

/** Every operation takes the id of a request: it is given in the options of a call, and not among its parameters. */
function leaveOutRequestIds(document: OpenApi.V2_0_X | OpenApi.V3_0_X | OpenApi.V3_1_X): void {
  for (const item of Object.values(document.paths ?? {}))
    for (const holder of [item, ...Object.values(item ?? {})]) {
      const { parameters } = asObject(holder);
      const isRequestId = (parameter: unknown) => resolveIn(document, parameter).name === "X-Request-Id";
      if (Array.isArray(parameters))
        Reflect.set(
          Object(holder),
          "parameters",
          parameters.filter((parameter) => !isRequestId(parameter)),
        );
    }
}

/** A body behind a reference becomes one parameter named after its schema; written out, each field is a parameter. */
function inlineBodies(document: OpenApi.V2_0_X | OpenApi.V3_0_X | OpenApi.V3_1_X): void {
  if (!("openapi" in document)) throw new Error("openapi.yaml is not OpenAPI 3");
  for (const { path, method, hasBody } of operations) {
    const operation = document.paths?.[path]?.[method];
    const body = operation && "requestBody" in operation ? operation.requestBody : undefined;
    const media = body && "content" in body ? body.content["application/json"] : undefined;
    const name = media?.schema && "$ref" in media.schema ? media.schema.$ref?.split("/").at(-1) : undefined;
    const schema = name === undefined ? undefined : document.components?.schemas?.[name];
    if (media && schema) Object.assign(media, { schema: structuredClone(schema) });
    else if (hasBody && !media?.schema)
      throw new Error(`${method} ${path}: expected an application/json body`);
  }
}

/** The bundled runtime has one file without the suffix: client/index.ts. */
async function suffixIndexFiles(): Promise<void> {
  for (const entry of await readdir(output, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const code = await readFile(file, "utf8");
    await writeFile(file, code.replaceAll("/index.ts'", "/index.gen.ts'"));
    if (entry.name === "index.ts") await rename(file, join(entry.parentPath, "index.gen.ts"));
  }
}

function callNameOf({
  method,
  path,
  tag,
  operationId,
}: (typeof operations)[number]): [key: string, call: string] {
  return [`${method.toUpperCase()} ${path}`, `${tag}.${methodName(tag, operationId)}`];
}

function answersModule(): string {
  const bare = operations.flatMap(({ path, responses }) =>
    responses
      .filter(({ envelope, lines, contentType }) => !envelope && !lines && contentType !== null)
      .map(({ contentType, bytes }) => [path, { contentType, bytes }] as const),
  );
  const calls = groups.flatMap((group) => group.calls);
  const namesByGroup = (some: typeof calls) =>
    Object.fromEntries(
      [...Map.groupBy(some, ({ tag }) => tag)].map(([tag, all]) => [tag, all.map(({ name }) => name)]),
    );
  return `// Written by scripts/generate.ts from openapi.yaml. Do not edit.

/** Every \`error_code\` that the contract's schemas allow, with its status; 0 for those of requests that reach no operation. */
export const statusOfCode = ${JSON.stringify(Object.fromEntries(statusByCode()))} as const;

/** What the answers without an envelope are, by the path of their operation. */
export const withoutEnvelope: Readonly<
  Record<string, { readonly contentType: string; readonly bytes: boolean }>
> = ${JSON.stringify(Object.fromEntries(bare))};

/** The names of the calls, by the method and the path of their operation. */
export const callNames = ${JSON.stringify(Object.fromEntries(operations.map(callNameOf)))} as const;

/** The content type of answers that come line by line. */
export const linesType = ${JSON.stringify(linesType)};

/** The methods that can be answered so, by tag. */
export const lineMethods: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(namesByGroup(calls.filter(({ stream }) => stream !== undefined)))};

/** The methods that answer page by page, by tag, with the name of the method for the items of all pages. */
export const pagedMethods: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(
    Object.fromEntries(
      groups
        .map(({ tag, calls }) => [tag, calls.filter(({ all }) => all !== undefined)] as const)
        .filter(([, calls]) => calls.length > 0)
        .map(([tag, calls]) => [tag, Object.fromEntries(calls.map(({ name, all }) => [name, all]))]),
    ),
  )};
`;
}

function runtimeModule(): string {
  const keyed = operations.filter(({ takesIdempotencyKey }) => takesIdempotencyKey);
  return `// Written by scripts/generate.ts from openapi.yaml and package.json. Do not edit.

/** The version of this package. */
export const clientVersion = ${JSON.stringify(manifest.version)};

/** The operations that take an \`Idempotency-Key\`: method and path, as the contract has them. */
export const takeIdempotencyKeys: ReadonlySet<string> = new Set(${JSON.stringify(
    keyed.map(({ method, path }) => `${method.toUpperCase()} ${path}`),
  )});
`;
}
