import assert from "node:assert/strict";
import { describeUnless } from "@wuts/testing/needs";
import { afterAll, beforeAll, it } from "vitest";
import { noTools, toolProgram } from "./tools.ts";
import { assertPicture, number, startWorld, type World } from "./world.ts";

/** A response of the API. */
interface Answer {
  readonly data: unknown;
}

/** What a tool of an MCP server answers a model. */
interface ToolResult {
  readonly content: readonly { readonly text: string }[];
}

describeUnless(noTools, "The contract, as the server gives it, is read by", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  for (const format of ["json", "yaml"])
    it(`swagger-parser, which finds it valid, as ${format}`, async () => {
      const project = await world.project({ "@apidevtools/swagger-parser": "@apidevtools/swagger-parser" });
      const read = await project.execute(
        `import SwaggerParser from "@apidevtools/swagger-parser";
        // Else it reads nothing that this machine serves.
        const resolve = { http: { safeUrlResolver: false } };
        const { info, paths } = await SwaggerParser.validate(process.argv[2], { resolve });
        console.log(JSON.stringify({ title: info.title, paths: Object.keys(paths) }));`,
        `${world.url}/openapi.${format}`,
      );
      const { info, paths } = JSON.parse(world.document);
      assert.deepEqual(read, { title: info.title, paths: Object.keys(paths) });
    });

  it("swagger-client, which gets a picture", async () => {
    const project = await world.project({ "swagger-client": "swagger-client" });
    const { errors, body } = await project.execute<{ errors: unknown; body: Answer }>(
      `import SwaggerClient from "swagger-client";
      const [url, token] = process.argv.slice(2);
      const authorizations = { bearerAuth: { value: token } };
      const client = await SwaggerClient({ url: \`\${url}/openapi.json\`, authorizations });
      const { body } = await client.apis.contacts.getContactProfilePicture({ number: "${number}", preview: false });
      console.log(JSON.stringify({ errors: client.errors, body }));`,
      ...[world.url, world.token],
    );
    assert.deepEqual(errors, []);
    assertPicture(body.data);
  });

  it("Postman, whose collection lists the devices", async () => {
    const postman = await collectionOf(world, [
      "parametersResolution=Example",
      "enableOptionalParameters=false",
    ]);
    const { code, data } = await postman.send("List your devices");
    assert.equal(code, 200);
    assertDevices(data, world);
  });

  // Of optional parameters without an example it makes values up, which their users see, and replace or leave out.
  for (const options of [[], ["parametersResolution=Example"]])
    it(`Postman, which fills in nobody's id unasked, by ${options.join() || "its defaults"}`, async () => {
      const postman = await collectionOf(world, options);
      const shown = shownIn(world.document);
      assert.ok(postman.requests.length > 40 && shown.size > 10);
      const optional = postman.requests.flatMap(({ name, parameters }) =>
        parameters.filter(([key]) => !needed.includes(key)).map(([key, value]) => ({ name, key, value })),
      );
      assert.ok(optional.some(({ key }) => key === "device_id"));
      assert.deepEqual(
        optional.filter(({ value }) => shown.has(value)),
        [],
      );
      const { code, data } = await postman.send("Who am I");
      assert.equal(code, 200);
      assert.partialDeepStrictEqual(data, { user: { role: "admin" } });
    });

  it("openapi-mcp-generator, whose server compiles and gets a picture for a model", async () => {
    const sdk = "@modelcontextprotocol/sdk";
    const names = [sdk, "axios", "dotenv", "json-schema-to-zod", "zod"];
    const packages = Object.fromEntries(names.map((name) => [name, name]));
    const project = await world.project(packages);
    const generate = ["--input", "openapi.json", "--output", ".", "--force"];
    await project.run(toolProgram("openapi-mcp-generator"), ...generate);
    // It brings the settings of its compiler, which is that of the tools.
    await project.run(toolProgram("tsc"), "-p", ".");
    const { tools, result } = await project.execute<{ tools: string[]; result: ToolResult }>(
      `import { Client } from "${sdk}/client/index.js";
      import { StdioClientTransport } from "${sdk}/client/stdio.js";
      const [url, token] = process.argv.slice(2);
      const env = { ...process.env, API_BASE_URL: url, BEARER_TOKEN_BEARERAUTH: token };
      const client = new Client({ name: "program", version: "1.0.0" });
      await client.connect(new StdioClientTransport({ command: process.execPath, args: ["build/index.js"], env }));
      const { tools } = await client.listTools();
      const query = { number: "${number}", preview: false };
      const result = await client.callTool({ name: "getContactProfilePicture", arguments: query });
      await client.close();
      console.log(JSON.stringify({ tools: tools.map(({ name }) => name), result }));`,
      ...[world.url, world.token],
    );
    assert.ok(tools.includes("listDevices"));
    const text = result.content[0]?.text ?? "";
    assertPicture(JSON.parse(text.slice(text.indexOf("{"))).data);
  });

  it("msw, which answers requests with the examples", async () => {
    const project = await world.project({ msw: "msw", "@msw/source": "@msw/source" });
    const path = `/contacts/profile-picture?number=${number}`;
    const body = await project.execute<Answer>(
      `import { readFileSync } from "node:fs";
      import { fromOpenApi } from "@msw/source/open-api";
      import { setupServer } from "msw/node";
      const document = readFileSync("openapi.json", "utf8");
      const server = setupServer(...(await fromOpenApi(document)));
      server.listen({ onUnhandledRequest: "error" });
      const response = await fetch(new URL("${path}", JSON.parse(document).servers[0].url));
      console.log(JSON.stringify(await response.json()));
      server.close();`,
    );
    assertPicture(body.data);
    const { get } = JSON.parse(world.document).paths["/contacts/profile-picture"];
    const [example] = Object.values<{ value: unknown }>(
      get.responses["200"].content["application/json"].examples,
    );
    assert.deepEqual(body, example?.value);
  });
});

/** Of these the picture's request needs one. */
const needed: readonly string[] = ["jid", "number"];

/** The ids in the contract, and the examples that are not to be sent. */
function shownIn(document: string): ReadonlySet<string> {
  const uuids = document.match(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g) ?? [];
  const unsent = [...document.matchAll(/"x-unsent-example":("(?:[^"\\]|\\.)*")/g)];
  return new Set([...uuids, ...unsent.map(([, text = ""]) => String(JSON.parse(text)))]);
}

/** A request of a collection, or a folder of them. */
interface Item {
  readonly name: string;
  readonly item?: readonly Item[];
  readonly request?: {
    readonly header?: readonly Parameter[];
    readonly url: { readonly query?: readonly Parameter[] };
  };
}

interface Parameter {
  readonly key: string;
  readonly value: string;
}

interface Collection {
  /** The query and the headers of each request. */
  readonly requests: readonly { readonly name: string; readonly parameters: [string, string][] }[];
  /** Sends the request of this name. */
  send(name: string): Promise<{ readonly code: number; readonly data: unknown }>;
}

async function collectionOf(world: World, options: readonly string[]): Promise<Collection> {
  const project = await world.project();
  const convert = ["-s", "openapi.json", "-o", "collection.json"];
  const all = ["folderStrategy=Tags", ...options].join();
  await project.run(toolProgram("openapi2postmanv2"), ...convert, "-O", all);
  const collection: Item = JSON.parse(await project.read("collection.json"));
  const variables = Object.entries({ baseUrl: world.url, bearerToken: world.token });
  return {
    requests: requestsIn(collection),
    async send(name) {
      await project.run(
        toolProgram("newman"),
        ...["run", "collection.json", "--folder", name],
        ...variables.flatMap(([variable, value]) => ["--env-var", `${variable}=${value}`]),
        ...["--reporters", "json", "--reporter-json-export", "results.json"],
      );
      const { run } = JSON.parse(await project.read("results.json"));
      assert.deepEqual(run.failures, []);
      assert.equal(run.executions.length, 1);
      const [{ response }] = run.executions;
      return { code: response.code, data: JSON.parse(Buffer.from(response.stream.data).toString()).data };
    },
  };
}

function requestsIn({ name, item = [], request }: Item): Collection["requests"] {
  const { header = [], url } = request ?? { url: {} };
  const own = [...(url.query ?? []), ...header].map(({ key, value }): [string, string] => [key, value]);
  return [...(request ? [{ name, parameters: own }] : []), ...item.flatMap(requestsIn)];
}

function assertDevices(data: unknown, { deviceId }: World): void {
  assert.partialDeepStrictEqual(data, { items: [{ id: deviceId, state: "connected" }], next_cursor: null });
}
