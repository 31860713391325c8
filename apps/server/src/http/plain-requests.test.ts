import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type OperationDescription, wutsContract } from "@wuts/contract";
import { parametersIn } from "@wuts/contract/document";
import express, { type ErrorRequestHandler } from "express";
import fc from "fast-check";
import { pino } from "pino";
import { describe, it, type TestContext } from "vitest";
import { KnownTokens } from "../people/known-tokens.ts";
import { changesElsewhereIn } from "../storage/changes-elsewhere.ts";
import { tokensIn } from "../storage/tokens.ts";
import { databaseWithDevice } from "../test-support/temporary-database.ts";
import { authenticate } from "./authenticate.ts";
import { enforceContract } from "./contract.ts";
import { describedRoutes, operationOf } from "./described-routes.ts";
import { plainRequests } from "./plain-requests.ts";

/** Operations that take nothing but a query. */
const operations = wutsContract.operations.filter(
  ({ hasBody, path, role }) => !hasBody && !path.includes("{") && !["master", "metrics"].includes(role),
);

const values = [
  ...["5511999999999", "%2B5511999999999", "5511999999999%40s.whatsapp.net", "5511999999999:1%40lid", "00"],
  ...["1", "0", "true", "false", "100", "101", "-1", "1e2", "0x10", "1.0", "", "TRUE", "null", "%40", "~"],
  ...["1700000000", "a_b-c", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "not-a-uuid", "x".repeat(300)],
];

/** A server that holds requests against the contract, and answers with what it makes of their query. */
async function serverOfQueries(t: TestContext) {
  const { database, userId } = await databaseWithDevice(t);
  const { token } = await tokensIn(database).create(userId, { name: "test" });
  const tokens = new KnownTokens(tokensIn(database), changesElsewhereIn(database), pino({ level: "silent" }));
  const isPlain = plainRequests(wutsContract);
  const app = express();
  app.use(describedRoutes(wutsContract));
  app.use(authenticate(tokens, undefined, "nobody", { areLeft: async () => true }));
  app.use((request, response, next) => {
    const operation = operationOf(request);
    response.setHeader("X-Plain", String(operation !== undefined && isPlain(request, operation)));
    // As it was before.
    Reflect.deleteProperty(request, "query");
    next();
  });
  app.use(enforceContract(wutsContract), (request, response) => void response.json({ query: request.query }));
  const answer: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(400).json({ error: String(error.name), status: error.status });
  };
  app.use(answer);
  const server = createServer(app);
  t.onTestFinished(() => server.close().closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return async ({ method, path }: OperationDescription, query: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${port}${path}?${query}`, { method, headers });
    const plain = response.headers.get("x-plain") === "true";
    return { plain, status: response.status, body: await response.json() };
  };
}

describe("A request that is looked at only", () => {
  it("is what the validator would have made of it, in every operation", async (t) => {
    const ask = await serverOfQueries(t);
    let [looked, validated] = [0, 0];
    for (const operation of operations) {
      const names = parametersIn(wutsContract.document, operation).map(({ name }) => String(name));
      const some = fc.array(fc.tuple(fc.constantFrom(...names, "other"), fc.constantFrom(...values)), {
        maxLength: 3,
      });
      await fc.assert(
        fc.asyncProperty(some, async (pairs) => {
          const query = pairs.map((pair) => pair.join("=")).join("&");
          // The same, but with a letter that is encoded: the validator's.
          const encoded = pairs.map(([name, value]) => `${hex(name)}=${value}`).join("&");
          const [one, other] = [await ask(operation, query), await ask(operation, encoded || "&%20")];
          if (one.plain) looked += 1;
          else validated += 1;
          if (pairs.length === 0) return;
          assert.equal(other.plain, false);
          assert.deepEqual([one.status, one.body], [other.status, other.body], `${operation.path}?${query}`);
        }),
        { numRuns: 60 },
      );
    }
    assert.ok(looked > 100 && validated > 100, `${looked} looked at, ${validated} validated`);
  });

  it("is any that asks for a picture as callers do", async (t) => {
    const ask = await serverOfQueries(t);
    const picture = operations.find(({ operationId }) => operationId === "getContactProfilePicture");
    assert.ok(picture);
    for (const query of [
      "number=5511999999999",
      "jid=5511999999999%40lid&preview=0",
      "number=%2B5511999999999",
    ]) {
      assert.partialDeepStrictEqual(await ask(picture, query), { plain: true, status: 200 });
    }
  });
});

function hex(name: string): string {
  return `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
}
