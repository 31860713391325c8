import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contract } from "@wuts/contract";
import { describe, it, type TestContext } from "vitest";
import { sampleNamed } from "./documents/samples.ts";
import { listReleases, releasesFolder } from "./release/releases.ts";
import { type Result, runScript } from "./test-support/run.ts";

const repository = join(import.meta.dirname, "..");

/** A JSON object of a contract. */
type Node = Record<string, unknown>;
type Edit = (document: Node) => void;

const picture = ["paths", "/contacts/profile-picture", "get"];
const nickname = { name: "nickname", in: "query", required: true, schema: { type: "string" } };
const removeLogout: Edit = (document) => {
  delete at(document, "paths", "/logout").post;
};

it("npm run contract:diff is what the page on releasing has readers run", async () => {
  assert.equal(
    await sampleNamed(repository, "docs/releasing.md", "contract diff"),
    "npm run contract:diff\n",
  );
  const { scripts } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
  assert.equal(scripts["contract:diff"], "node scripts/contract-diff.ts");
});

describe("npm run contract:diff", { concurrent: true }, () => {
  describe("fails, and says where callers break, for", { concurrent: true }, () => {
    breaks("a removed operation", "POST /logout", removeLogout);
    breaks("a removed field of an answer", "GET /devices, answer 200, data.items[].lid", (document) => {
      delete at(document, "components", "schemas", "Device", "properties").lid;
    });
    breaks("fewer values of a parameter", "GET /contacts/profile-picture, parameter preview", (document) => {
      schemaOfPreview(document).enum = [true, false];
    });
    breaks("a new parameter that is required", "GET /qr/status, parameter nickname", (document) => {
      list(at(document, "paths", "/qr/status", "get").parameters).push(nickname);
    });
    breaks("a removed error code", "GET /contacts/profile-picture, answer 404", (document) => {
      const codes = codesOf(document, "PictureNotFound");
      codes.enum = list(codes.enum).filter((code) => code !== "PICTURE_HIDDEN");
    });
    breaks("a removed status of an answer", "GET /contacts/profile-picture, answer 429", (document) => {
      delete at(document, ...picture, "responses")["429"];
    });
  });

  it("finds what breaks callers although redocly rates it as harmless, or does not look at it", async (t) => {
    const { code, output } = await diffAfter(t, (document) => {
      schemaOfPreview(document).default = false;
      delete at(document, "components", "headers", "RetryAfter").required;
      codesOf(document, "RouteNotFound").enum = ["GONE"];
      at(document, "paths", "/devices", "post")["x-role"] = "manager";
      at(document, "paths", "/audit", "get")["x-role"] = "master";
      at(document, "paths", "/me", "get")["x-role"] = "metrics";
      delete at(document, "paths", "/health/live", "get").security;
      at(document, "paths", "/devices", "get")["x-requires-one-of"] = ["limit", "cursor"];
      at(document, ...picture)["x-requires-one-of"] = ["jid"];
      at(document, "paths", "/qr", "get").tags = ["devices"];
    });
    assert.equal(code, 1, output);
    const found = [...output.matchAll(/^ {2}major {2}(.*)\n +(.*)$/gm)];
    const oneOf =
      "Of these parameters one is needed and the first one counts; requests that were right are not any more.";
    assert.deepEqual(found.map(([, where, what]) => `${where}: ${what}`).sort(), [
      "GET /audit: Not everyone who could call it still can.",
      "GET /contacts/profile-picture, parameter preview: Callers who leave it out get something else.",
      `GET /contacts/profile-picture: ${oneOf}`,
      "GET /devices, answer 429, header Retry-After: It may be missing now.",
      `GET /devices: ${oneOf}`,
      "GET /health/live: Not everyone who could call it still can.",
      "GET /me: Not everyone who could call it still can.",
      "GET /qr: Its first tag names the client's group of methods, so the method has moved.",
      "POST /devices: Not everyone who could call it still can.",
      "error codes: NOT_FOUND is gone.",
    ]);
  });

  describe("passes, and says what is new, for", { concurrent: true }, () => {
    passes("no change", "openapi.yaml says what the last release says, 0.1.0.", () => {});
    passes("a new parameter that is optional", "minor  GET /qr/status, parameter nickname", (document) => {
      list(at(document, "paths", "/qr/status", "get").parameters).push({ ...nickname, required: false });
    });
    passes("a new operation", "minor  /alive", (document) => {
      const operation = structuredClone(at(document, "paths", "/health/live", "get"));
      at(document, "paths")["/alive"] = { get: { ...operation, operationId: "getAlive" } };
    });
    passes("a longer list in an extension", "--patch @wuts/contract,@wuts/client", (document) => {
      list(at(document, ...picture)["x-requires-one-of"]).push("existing_id");
    });
    passes("a breaking change whose major version rose", "the major version rose (1.0.0)", (document) => {
      removeLogout(document);
      at(document, "info").version = "1.0.0";
    });
  });

  it("fails for a breaking change when only the minor version rose, and says how to proceed", async (t) => {
    const { code, output } = await diffAfter(t, (document) => {
      removeLogout(document);
      at(document, "info").version = "0.2.0";
    });
    assert.equal(code, 1);
    assert.match(output, /Take the change back\. packages\/contract\/releases\/0\.1\.0\.yaml/);
    assert.match(
      output,
      /npx changeset -m .* --major @wuts\/contract,@wuts\/client\n +npm run release:version/,
    );
  });

  it("does not ask for a description that is there", async (t) => {
    const root = await rootWithRelease(t);
    await writeContract(root, "openapi.yaml", removeLogout);
    const described = '---\n"@wuts/contract": major\n"@wuts/client": major\n---\n\nNo more logging out.\n';
    await writeFile(join(root, ".changeset", "no-logout.md"), described);
    const { code, output } = await runScript("contract-diff.ts", root);
    assert.equal(code, 1, "described is not decided: the version did not rise");
    assert.doesNotMatch(output, /npx changeset/);
    assert.match(output, /npm run release:version/);
  });

  it("fails when the last release itself broke callers without a new major version", async (t) => {
    const root = await rootWithRelease(t);
    for (const path of [`${releasesFolder}/0.2.0.yaml`, "openapi.yaml"]) {
      await writeContract(root, path, (document) => {
        removeLogout(document);
        at(document, "info").version = "0.2.0";
      });
    }
    const { code, output } = await runScript("contract-diff.ts", root);
    assert.equal(code, 1, output);
    assert.match(output, /The last release, 0\.2\.0, should have been 1\.0\.0/);
    assert.match(output, /POST \/logout/);
  });

  it("compares with the highest version, which need not be the last by the alphabet", async (t) => {
    const root = await rootWithRelease(t);
    for (const version of ["0.9.0", "0.10.0"]) await writeContract(root, `${releasesFolder}/${version}.yaml`);
    const versions = (await listReleases(root)).map(({ version }) => version);
    assert.deepEqual(versions, ["0.1.0", "0.9.0", "0.10.0"]);
  });
});

function breaks(what: string, where: string, edit: Edit): void {
  it(what, async (t) => {
    const { code, output } = await diffAfter(t, edit);
    assert.equal(code, 1, output);
    assert.ok(output.includes(`  major  ${where}\n`), output);
  });
}

function passes(what: string, saying: string, edit: Edit): void {
  it(what, async (t) => {
    const { code, output } = await diffAfter(t, edit);
    assert.equal(code, 0, output);
    assert.ok(output.includes(saying), output);
  });
}

/** Runs the script where today's contract was released as 0.1.0, and then changed. */
async function diffAfter(t: TestContext, edit: Edit): Promise<Result> {
  const root = await rootWithRelease(t);
  await writeContract(root, "openapi.yaml", edit);
  return runScript("contract-diff.ts", root);
}

async function rootWithRelease(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "wuts-contract-"));
  t.onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(join(root, ".changeset"));
  await mkdir(join(root, releasesFolder), { recursive: true });
  await writeContract(root, `${releasesFolder}/0.1.0.yaml`);
  return root;
}

/** JSON is YAML. */
async function writeContract(root: string, path: string, edit: Edit = () => {}): Promise<void> {
  const document: Node = { ...structuredClone(contract) };
  at(document, "info").version = "0.1.0";
  edit(document);
  await writeFile(join(root, path), JSON.stringify(document, null, 2));
}

function schemaOfPreview(document: Node): Node {
  return at(document, "components", "parameters", "Preview", "schema");
}

/** What narrows `error_code` in a response of the components. */
function codesOf(document: Node, response: string): Node {
  const schema = at(document, "components", "responses", response, "content", "application/json", "schema");
  return at(list(schema.allOf)[1], "properties", "error_code");
}

function at(node: unknown, ...keys: string[]): Node {
  assert.ok(isNode(node), "these tests are for another contract");
  const [key, ...rest] = keys;
  return key === undefined ? node : at(node[key], ...rest);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

function list(node: unknown): unknown[] {
  assert.ok(Array.isArray(node));
  return node;
}
