import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { describeUnless } from "@wuts/testing/needs";
import { noRuntimes, type Permissions, type Runtime, supportedRuntimes } from "@wuts/testing/runtimes";
import { afterAll, it } from "vitest";
import { clientFolder, installClient } from "./installed-client.ts";

/** Bounds failure only: a call that is not ended takes five minutes. */
const limitMs = 30_000;
const json = { "Content-Type": "application/json" };
const ndjson = { "Content-Type": "application/x-ndjson" };
const line = '{"success":true,"data":{}}\n';
const { version } = JSON.parse(await readFile(join(clientFolder, "package.json"), "utf8"));

const project = await installClient([]);
afterAll(() => project.remove());
await copyFile(new URL("runtime-program.js", import.meta.url), join(project.folder, "program.js"));

for (const runtime of supportedRuntimes()) {
  const missing = runtime.program === undefined ? noRuntimes : undefined;
  describeUnless(missing, `the installed client in ${runtime.name}`, () => {
    // Only Node lets go of what a call needs, so only there is it tried in both ways.
    for (const gc of runtime.name.startsWith("Node") ? [false, true] : [true]) {
      const how = gc ? "while gc() is called" : "while garbage is collected";
      for (const [what, answer] of [
        ["the response does not begin", () => undefined],
        ["the body stalls", stalled],
      ] satisfies [string, Answer][]) {
        it(`ends a call in time, ${how}, when ${what}`, async () => {
          const { printed } = await run(runtime, "a call, and timeoutMs", answer, { gc });
          assert.deepEqual(printed, { code: "TIMED_OUT", closed: true });
        });

        it(`ends a call by its signal, ${how}, when ${what}`, async () => {
          const { printed } = await run(runtime, "a call, and its signal", answer, { gc });
          assert.deepEqual(printed, { code: "ABORTED", closed: true });
        });
      }

      it(`ends a stream in time, ${how}`, async () => {
        const { printed } = await run(runtime, "a stream, and timeoutMs", stalledLines, { gc });
        assert.deepEqual(printed, { code: "TIMED_OUT", closed: true });
      });

      it(`ends a stream by its signal, ${how}`, async () => {
        const { printed } = await run(runtime, "a stream, and its signal", stalledLines, { gc });
        assert.deepEqual(printed, { code: "ABORTED", closed: true });
      });

      it(`closes the connection of a stream that is left early, ${how}`, async () => {
        const { printed } = await run(runtime, "a stream that is left early", stalledLines, { gc });
        assert.deepEqual(printed, { closed: true });
      });
    }

    for (const [what, answer] of [
      ["JSON", (response) => response.writeHead(200, json).end("{}")],
      ["JSON that stalls", stalled],
      [
        "a large page",
        (response) => response.writeHead(200, { "Content-Type": "text/html" }).end("x".repeat(1e6)),
      ],
      ["nothing", (response) => response.writeHead(200, { ...ndjson, "Content-Length": 0 }).end()],
      ["a page of a proxy", (response) => response.writeHead(502, { "Content-Type": "text/html" }).end("x")],
    ] satisfies [string, Answer][]) {
      it(`survives a stream that is answered with ${what}`, async () => {
        const { printed } = await run(runtime, "a stream that is answered with something else", answer, {
          gc: true,
        });
        assert.equal(printed, "UNEXPECTED_ANSWER");
      });
    }

    it("refuses options that cannot be used, and says why", async () => {
      const { printed } = await run(runtime, "options that cannot be used", succeeding);
      const right = "it must be the URL of the server, such as https://wuts.example.com";
      const timeout = "timeoutMs must be a number from 1 to 2147483647, and is";
      const retries = "retries must be a whole number from 0, and is";
      assert.deepEqual(
        printed,
        [
          `baseUrl is "localhost:3000", without http:// or https://: ${right}`,
          `baseUrl is "": ${right}`,
          `baseUrl is "ftp://127.0.0.1", without http:// or https://: ${right}`,
          `baseUrl has a user name or a password: ${right}, and the token is an option`,
          `baseUrl is "http://127.0.0.1?a=1", with a query or fragment: ${right}`,
          "token is empty; null is for calls that need none",
          "token is empty; null is for calls that need none",
          "token has a space, a line break or another character that no token has",
          ...[-1, 0, Number.NaN, 2 ** 31].map((wrong) => `${timeout} ${wrong}`),
          ...[-1, 0.5, Number.NaN].map((wrong) => `${retries} ${wrong}`),
          "maxRetryAfterSeconds must be a number from 0, and is -1",
        ].map((reason) => `INVALID_ARGUMENT: ${reason}`),
      );
    });

    it("takes what is not given from the environment", async () => {
      const { printed, requests } = await run(runtime, "options of the environment", succeeding, {
        environment: true,
      });
      assert.deepEqual(printed, { name: "Reception" });
      assert.deepEqual(
        requests.map(({ headers }) => headers.authorization),
        ["Bearer of-the-environment"],
      );
    });

    it("says what is missing, when it is in no environment that may be read", async () => {
      const { printed } = await run(runtime, "no options", succeeding);
      const baseUrl = "INVALID_ARGUMENT: baseUrl is missing: pass it to createWuts, or set WUTS_BASE_URL";
      const missing =
        "INVALID_ARGUMENT: token is missing: pass it to createWuts, or set WUTS_TOKEN; null is for calls that need none";
      assert.deepEqual(printed, [baseUrl, missing, baseUrl]);
    });

    it("sends nothing to a path that leads elsewhere, and nothing that cannot be sent", async () => {
      const paths = await run(runtime, "paths that lead elsewhere", succeeding);
      assert.deepEqual(paths.printed, [
        "device_id must not be empty",
        'device_id must not be "."',
        'device_id must not be ".."',
        "device_id is missing",
        "device_id is missing",
        "device_id must be a string, and is of type object",
      ]);
      const others = await run(runtime, "requests that cannot be sent", succeeding);
      assert.deepEqual(others.printed, Array(5).fill("INVALID_ARGUMENT"));
      assert.deepEqual([paths.requests.length, others.requests.length], [0, 0]);
    });

    it("compares media types without case", async () => {
      const { printed } = await run(runtime, "media types in capitals", (response, request) => {
        const isStream = request.headers.accept?.includes("ndjson");
        const isText = request.url === "/metrics";
        const type = isStream ? "Application/X-NDJSON" : isText ? "Text/Plain" : "Application/JSON";
        response.writeHead(200, { "Content-Type": `${type}; Charset=UTF-8` }).end(line);
      });
      assert.deepEqual(printed, [{}, line, [{}]]);
    });

    it("says when the connection was lost in the middle of a response", async () => {
      const { printed } = await run(runtime, "a connection that is lost", (response) => {
        response.writeHead(200, { ...json, "X-Request-Id": "r1" });
        response.write("{", () => response.socket?.destroy());
      });
      assert.deepEqual(printed, [
        "NETWORK_ERROR",
        "the connection was lost in the middle of the response",
        "r1",
      ]);
    });

    it("gives status, headers and id of a response", async () => {
      const { printed } = await run(runtime, "a response", (response, { method }) => {
        const headers = { ...json, RateLimit: '"token";r=9;t=60', "X-Request-Id": "r1" };
        if (method === "POST") response.writeHead(201, headers).end(success);
        else response.writeHead(404, headers).end(failure("DEVICE_NOT_FOUND"));
      });
      const data = { name: "Reception" };
      assert.deepEqual(printed, [data, 201, '"token";r=9;t=60', "r1", "DEVICE_NOT_FOUND", data]);
    });

    it("takes retries and headers for a single call", async () => {
      const { printed, requests } = await run(runtime, "options of a call", (response, _request, index) => {
        if (index === 1) response.writeHead(200, json).end(success);
        else response.writeHead(503, { ...json, "Retry-After": "1" }).end(failure("DEVICE_BUSY"));
      });
      assert.deepEqual(printed, [{ name: "Reception" }, 503]);
      const ids = requests.map(({ headers }) => headers["x-request-id"]);
      assert.deepEqual(ids, ["mine", "mine", undefined]);
    });

    it("sends a key and its own name by itself, and the same key again when the connection is lost", async () => {
      const { requests } = await run(runtime, "a key of its own", (response, _request, index) => {
        if (index === 0) response.socket?.destroy();
        else response.writeHead(200, json).end(success);
      });
      const [lost, again, ...others] = requests.map(({ headers }) => headers["idempotency-key"]);
      assert.match(String(lost), /^[0-9a-f]{32}$/);
      assert.deepEqual([again, ...others], [lost, "mine", "mine", undefined]);
      for (const { headers } of requests)
        assert.match(
          `${headers["user-agent"]}`,
          new RegExp(`^wuts-client/${version} (Node\\.js|Bun|Deno)/\\d`),
        );
    });

    it("tells a log what happens, without tokens, bodies and parameters, whatever the log does", async () => {
      const { printed } = await run(runtime, "a log", (response, { method }, index) => {
        const headers = { ...json, "X-Request-Id": `r${index}` };
        if (index === 0)
          response.writeHead(503, { ...headers, "Retry-After": "0" }).end(failure("DEVICE_BUSY"));
        else if (method === "GET") response.writeHead(200, headers).end(success);
        else response.writeHead(409, headers).end(failure("QUOTA_REACHED"));
      });
      const get = ["GET", "/devices/{device_id}"];
      const post = ["POST", "/devices"];
      assert.deepEqual(printed, [
        [1, ...get, 1, "request"],
        [1, ...get, 1, "response", 503, "r0", 0],
        [1, ...get, 1, "retry", "DEVICE_BUSY", 503, "r", 0],
        [1, ...get, 2, "request"],
        [1, ...get, 2, "response", 200, "r1", 0],
        [2, ...post, 1, "request"],
        [2, ...post, 1, "response", 409, "r2", 0],
        [2, ...post, 1, "error", "QUOTA_REACHED", 409, "r"],
      ]);
    });
  });
}

/** @param index how many requests came before */
type Answer = (response: ServerResponse, request: IncomingMessage, index: number) => unknown;

const success = JSON.stringify({ success: true, data: { name: "Reception" } });

function failure(error_code: string): string {
  return JSON.stringify({ success: false, error: "no", error_code, timestamp: "", request_id: "r" });
}

function succeeding(response: ServerResponse): void {
  response.writeHead(200, json).end(success);
}

function stalled(response: ServerResponse): void {
  response.writeHead(200, json).write("{");
}

function stalledLines(response: ServerResponse): void {
  response.writeHead(200, ndjson).write(line);
}

/** Has the program do something with a server. @returns what it printed, and the requests of the client */
async function run(runtime: Runtime, name: string, answer: Answer, permissions: Permissions = {}) {
  assert.ok(runtime.program !== undefined, noRuntimes);
  await using server = await startServer(answer);
  const args = [...runtime.args(permissions), "program.js", name, server.url];
  const { stdout, stderr } = await promisify(execFile)(runtime.program, args, {
    cwd: project.folder,
    env: environment(permissions.environment ? server.url : undefined),
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  assert.equal(stderr, "");
  return { printed: JSON.parse(stdout) as unknown, requests: server.requests };
}

/** Deno would ask whether there is a newer one, and Bun keeps what it has compiled. */
function environment(url: string | undefined): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  const own = {
    PATH,
    HOME: project.folder,
    DENO_DIR: join(project.folder, ".deno"),
    DENO_NO_UPDATE_CHECK: "1",
  };
  return url === undefined ? own : { ...own, WUTS_BASE_URL: url, WUTS_TOKEN: "of-the-environment" };
}

/** A server that also says, at `/closed`, whether a client has given up a request of which the response was not complete. */
async function startServer(answer: Answer) {
  const requests: IncomingMessage[] = [];
  const closed = Promise.withResolvers<boolean>();
  const giveUp = setTimeout(() => closed.resolve(false), limitMs / 2);
  const server = createServer((request, response) => {
    if (request.url === "/closed") {
      void closed.promise.then((isClosed) => response.end(`${isClosed}`));
      return;
    }
    request.resume();
    response.once("close", () => closed.resolve(!response.writableFinished));
    requests.push(request);
    answer(response, request, requests.length - 1);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      clearTimeout(giveUp);
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
