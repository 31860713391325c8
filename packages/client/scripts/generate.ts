/** Writes src/generated/ from openapi.yaml. */

import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type OpenApi, type UserConfig } from "@hey-api/openapi-ts";
import { contractYamlPath, errorCodes, operations } from "@wuts/contract";
import { asObject, linesType, resolveIn, stripRequiredOnlyAnyOf } from "@wuts/contract/document";
import manifest from "../package.json" with { type: "json" };
import { methodName } from "./method-name.ts";

const output = fileURLToPath(new URL("../src/generated/", import.meta.url));

refuseClashes();
await generate(output, [
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
await generateQueries();
await suffixIndexFiles();
await writeFile(join(output, "answers.gen.ts"), answersModule());
await writeFile(join(output, "runtime.gen.ts"), runtimeModule());

/** Writes types, the fetch client, and what the plugins make on top of these. Empties the folder first. */
async function generate(path: string, plugins: NonNullable<UserConfig["plugins"]>): Promise<void> {
  await createClient({
    input: contractYamlPath,
    output: { path, entryFile: false, fileName: { suffix: ".gen" }, module: { extension: ".ts" } },
    parser: { patch: { input: patched } },
    plugins: [
      "@hey-api/typescript",
      { name: "@hey-api/client-fetch", baseUrl: false, throwOnError: true },
      ...plugins,
    ],
    logs: { level: "warn" },
  });
}

/**
 * The queries call one function for each operation, with parameters grouped by where they go: the plugin cannot call the
 * class with flat parameters. The types and the fetch client are the same, so those of the class are used.
 */
async function generateQueries(): Promise<void> {
  const made = join(output, "queries");
  await generate(made, [{ name: "@hey-api/sdk", responseStyle: "data" }, "@tanstack/react-query"]);
  const [sdk, queries] = await Promise.all(
    ["sdk.gen.ts", "@tanstack/react-query.gen.ts"].map((name) => readFile(join(made, name), "utf8")),
  );
  await rm(made, { recursive: true });
  await writeFile(join(output, "functions.gen.ts"), String(sdk));
  const moved = String(queries)
    .replaceAll("'../sdk.gen.ts'", "'./functions.gen.ts'")
    .replaceAll("'../", "'./")
    .replace("'@tanstack/react-query'", "'../query-options.ts'");
  await writeFile(join(output, "queries.gen.ts"), moved);
}

/** The generator would keep one of two methods of the same name, in silence. */
function refuseClashes(): void {
  const names = operations.flatMap(({ tag, operationId, ndjsonItem }) => {
    const name = `${tag}.${methodName(tag, operationId)}`;
    return ndjsonItem === null ? [name] : [name, `${name}Stream`];
  });
  const clash = names.find((name, index) => names.indexOf(name) !== index);
  if (clash !== undefined) throw new Error(`two operations would be ${clash}; rename one in openapi.yaml`);
}

function patched(document: OpenApi.V2_0_X | OpenApi.V3_0_X | OpenApi.V3_1_X): void {
  stripRequiredOnlyAnyOf(document);
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

function answersModule(): string {
  const bare = operations.flatMap(({ path, responses }) =>
    responses
      .filter(({ envelope, lines, contentType }) => !envelope && !lines && contentType !== null)
      .map(({ contentType, bytes }) => [path, { contentType, bytes }] as const),
  );
  const streams = Map.groupBy(
    operations.filter(({ ndjsonItem }) => ndjsonItem !== null),
    ({ tag }) => tag,
  );
  const methods = [...streams].map(([tag, all]) => [
    tag,
    all.map(({ operationId }) => methodName(tag, operationId)),
  ]);
  const types = [...streams].map(
    ([tag, all]) =>
      `  ${tag}: { ${all.map(({ operationId, ndjsonItem }) => `${methodName(tag, operationId)}: types.${ndjsonItem}`).join("; ")} };`,
  );
  return `// Written by scripts/generate.ts from openapi.yaml. Do not edit.

import type * as types from "./types.gen.ts";

/** Every \`error_code\` that the contract's schemas allow. */
export const errorCodes = ${JSON.stringify(errorCodes)} as const;

/** What the answers without an envelope are, by the path of their operation. */
export const withoutEnvelope: Readonly<
  Record<string, { readonly contentType: string; readonly bytes: boolean }>
> = ${JSON.stringify(Object.fromEntries(bare))};

/** The content type of answers that come line by line. */
export const linesType = ${JSON.stringify(linesType)};

/** The methods that can be answered so, by tag. */
export const lineMethods: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(Object.fromEntries(methods))};

/** What their lines may be. */
export interface Lines {
${types.join("\n")}
}
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
