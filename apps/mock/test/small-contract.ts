/** @returns the text of a small contract with one operation. @param scenarios by the names of its examples */
export function smallContract(scenarios: Readonly<Record<string, unknown>>): string {
  const examples = (names: readonly string[]) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        {
          summary: `Shows ${name}`,
          value: { shows: name },
          ...(name in scenarios && { "x-request": scenarios[name] }),
        },
      ]),
    );
  const response = (names: readonly string[]) => ({
    description: "An answer.",
    content: { "application/json": { schema: { type: "object" }, examples: examples(names) } },
  });
  const reference = (schema: string) => ({ schema: { $ref: `#/components/schemas/${schema}` } });
  return JSON.stringify({
    openapi: "3.1.0",
    info: { title: "People", version: "1.0.0" },
    servers: [],
    security: [{ bearerAuth: [] }],
    tags: [{ name: "people" }],
    paths: {
      "/towns/{town}/people": {
        parameters: [{ name: "town", in: "path", required: true, schema: { type: "string" } }],
        post: {
          operationId: "findPerson",
          tags: ["people"],
          "x-role": "user",
          "x-requires-one-of": ["jid", "number"],
          parameters: [
            { name: "jid", in: "query", ...reference("ContactOrGroupJid") },
            { name: "number", in: "query", ...reference("WrittenPhoneNumber") },
            { name: "page", in: "query", ...reference("Page") },
            { name: "id", in: "query", schema: { type: "string" } },
          ],
          requestBody: { content: { "application/json": reference("Person") } },
          responses: {
            200: response(["first", "second", "third"]),
            400: { $ref: "#/components/responses/Wrong" },
            404: response(["absent", "hidden"]),
          },
        },
      },
    },
    components: {
      securitySchemes: { bearerAuth: { type: "http", scheme: "bearer" } },
      responses: { Wrong: response(["wrong"]) },
      schemas: {
        WrittenPhoneNumber: { type: "string", pattern: "^[-+ ().0-9]+$" },
        ContactOrGroupJid: { type: "string", pattern: "@" },
        EmailAddress: { type: "string" },
        Page: { type: "integer", default: 1 },
        Person: {
          type: "object",
          additionalProperties: false,
          properties: {
            phone: { $ref: "#/components/schemas/WrittenPhoneNumber" },
            email: { $ref: "#/components/schemas/EmailAddress" },
            tall: { type: "boolean", default: false },
          },
        },
      },
    },
  });
}
