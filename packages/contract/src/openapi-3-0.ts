import { asList, asObject, type Json } from "./document.ts";
import { mapSchemas } from "./map-schemas.ts";
import { onceFor } from "./once-for.ts";
import type { OpenApiDocument } from "./types.gen.ts";

/**
 * Derives the same contract in OpenAPI 3.0.3, for tools that do not know 3.1. It says less: 3.0 has no `const`, no list of types, no
 * `null` as a type, nothing beside a `$ref`, and no media type of a text's content.
 * @returns the same document for the same contract; clone it for a tool that modifies it
 */
export const asOpenApi30 = onceFor((document: OpenApiDocument): OpenApiDocument => {
  const { summary: _summary, license, ...info } = asObject(document.info);
  const { identifier: _identifier, ...named } = asObject(license);
  const { paths, components, ...others } = document;
  return {
    ...others,
    openapi: "3.0.3",
    info: { ...info, ...(license !== undefined && { license: named }) },
    paths: mapSchemas(paths, in30),
    components: mapSchemas(components, in30),
  } as OpenApiDocument;
});

function in30(node: Json): Json {
  const withReference = "$ref" in node && Object.keys(node).length > 1 ? besideReference(node) : node;
  return withoutNull(withoutNewKeywords(withReference));
}

/** In 3.0 nothing counts that stands beside a `$ref`. */
function besideReference({ $ref, ...others }: Json): Json {
  return { ...others, allOf: [{ $ref }, ...asList(others.allOf)] };
}

function withoutNewKeywords({
  const: only,
  contentEncoding,
  contentMediaType: _mediaType,
  contentSchema: _schema,
  ...node
}: Json): Json {
  const { examples, ...others } = node;
  return {
    ...(Array.isArray(examples) ? { ...others, example: examples[0] } : node),
    ...(only !== undefined && { enum: [only] }),
    ...(contentEncoding === "base64" && { format: "byte" }),
  };
}

/** In 3.0 `null` is no type: a schema that has a type may be `nullable` besides. */
function withoutNull(node: Json): Json {
  if (node.type === "null") return { ...node, type: "string", nullable: true, enum: [null] };
  const { type, ...others } = node;
  if (!Array.isArray(type)) return node;
  const alternatives = type
    .filter((each) => each !== "null")
    .map((each) => ({ type: each, ...(type.includes("null") && { nullable: true }) }));
  return alternatives.length === 1 ? { ...others, ...alternatives[0] } : { ...others, anyOf: alternatives };
}
