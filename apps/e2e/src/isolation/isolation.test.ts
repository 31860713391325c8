import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type OperationId, operations, parseContract, wutsContract } from "@wuts/contract";
import { untilContacts, type World } from "@wuts/contract-cases";
import type { Overrides } from "@wuts/server/compose";
import { handlers } from "@wuts/server/handlers";
import { afterAll, beforeAll, describe, it } from "vitest";
import { startOverridden } from "../support/worlds.ts";
import { type IdPlace, idsIn } from "./ids.ts";
import { combinations, leaksOf } from "./leaks.ts";
import { type Scene, setScene } from "./scene.ts";

type Operation = (typeof operations)[number];

const takingIds = operations.filter((operation) => idsIn(wutsContract, operation).length > 0);

describe("A caller who has no right to something", { timeout: 120_000 }, () => {
  const leaks = onStage(() => ({}));

  for (const operation of takingIds) {
    const { method, path } = operation;
    it(`is answered as if it did not exist, and changes nothing: ${method.toUpperCase()} ${path}`, async () => {
      assert.deepEqual(await leaks(operation), []);
    });
  }

  it("can ask for something: the contract has operations that take ids", () => {
    assert.ok(takingIds.length >= 15, `${takingIds.length}`);
  });
});

describe("A server that does not keep users apart", { timeout: 60_000 }, () => {
  const leaks = onStage((database) => ({
    handlers: {
      // Finds a user by nothing but the id.
      getUser(input, services) {
        const row = database().prepare("select tenant_id from users where id = ?").get(input.path.user_id);
        const tenantId = `${row?.tenant_id ?? input.caller.tenantId}`;
        return handlers.getUser({ ...input, caller: { ...input.caller, tenantId, role: "admin" } }, services);
      },
      // Looks at the tenant, but not at whose device it is.
      getDevice: (input, services) =>
        handlers.getDevice({ ...input, caller: { ...input.caller, role: "manager" } }, services),
      // Refuses, and says why.
      async deleteToken(input, services) {
        const isThere = exists(database(), "tokens", input.path.token_id);
        try {
          return await handlers.deleteToken(input, services);
        } catch (error) {
          throw isThere ? Object.assign(Object(error), { message: "this token is not yours" }) : error;
        }
      },
      // Refuses when all is done.
      updateUser(input, services) {
        const change = database().prepare("update users set email = hex(randomblob(8)) where id = ?");
        change.run(input.path.user_id);
        return handlers.updateUser(input, services);
      },
    },
    // Gives away by a header what it does not say.
    intercept(request, response, next) {
      const id = /^\/devices\/([^/]+)$/.exec(request.path)?.[1];
      if (request.method === "DELETE" && exists(database(), "devices", id ?? ""))
        response.set("X-Cache", "hit");
      next();
    },
  }));

  for (const [operationId, found] of [
    ["getUser", /^an admin of another tenant, user_id of another user: told by status, .*body/],
    ["getDevice", /^a user of the same tenant, device_id of another user: told by status, .*body/],
    ["deleteToken", /user_id of their own, token_id of another user, successor_id absent: told by .*body/],
    ["updateUser", /^an admin of another tenant, user_id of another user: changed table users/],
    ["updateUser", /^afterwards, others see another .*getUser/],
    ["deleteDevice", /device_id of another user: told by header x-cache/],
  ] as const satisfies [OperationId, RegExp][]) {
    it(`is found out by ${operationId}: ${found.source}`, async () => {
      const operation = operations.find((each) => each.operationId === operationId);
      assert.ok(operation);
      const problems = await leaks(operation);
      assert.ok(
        problems.some((problem) => found.test(problem)),
        problems.join("\n"),
      );
    });
  }
});

describe("An id that is new in the contract", () => {
  const uuid = { type: "string", format: "uuid" };
  const inQuery = (schema: object) =>
    idsOf("get", { parameters: [{ name: "note_id", in: "query", schema }] });
  const inBody = (schema: object) =>
    idsOf("post", { requestBody: { content: { "application/json": { schema } } } });

  it("is found in a path, a query or a body", () => {
    assert.deepEqual(inQuery(uuid), [{ name: "note_id", in: "query", required: false }]);
    const properties = { note_id: uuid, name: { type: "string" } };
    assert.deepEqual(inBody({ type: "object", required: ["note_id"], properties }), [
      { name: "note_id", in: "body", required: true },
    ]);
  });

  it("is not left out in silence when the scene lacks what it is for", () => {
    assert.throws(
      () => combinations(inQuery(uuid), { theirs: {} }, { own: {} }),
      /No id is known for the parameter note_id\. .* in src\/isolation\/scene\.ts/,
    );
  });

  it("is not left out in silence where it is not looked for", () => {
    for (const ids of [
      () => inQuery({ type: "array", items: uuid }),
      () => inBody({ type: "object", properties: { notes: { type: "array", items: uuid } } }),
      () => inBody({ oneOf: [{ type: "object", properties: { note_id: uuid } }] }),
      () => idsOf("get", { parameters: [{ name: "X-Note-Id", in: "header", schema: uuid }] }),
    ])
      assert.throws(ids, /which is not looked at$|that is not looked at$/);
  });

  /** The ids of an operation on devices that is described in another way. */
  function idsOf(method: "get" | "post", described: object): IdPlace[] {
    const { paths, ...document } = wutsContract.document;
    const item = Object(paths["/devices"]);
    const changed = { ...item, [method]: { ...item[method], ...described } };
    const contract = parseContract(JSON.stringify({ ...document, paths: { ...paths, "/devices": changed } }));
    const operation = contract.operations.find((each) => each.path === "/devices" && each.method === method);
    assert.ok(operation);
    return idsIn(contract, operation);
  }
});

/**
 * Starts a server, and makes the users who are needed, for all tests of a suite.
 * @param overrides what to use instead of the server's own; it may look into the database
 */
function onStage(
  overrides: (database: () => DatabaseSync) => Overrides,
): (operation: Operation) => Promise<string[]> {
  let stage: { readonly world: World; readonly scene: Scene } | undefined;
  let database: DatabaseSync | undefined;
  let stop = async () => {};
  beforeAll(async () => {
    const place = await startOverridden(
      overrides(() => {
        assert.ok(database);
        return database;
      }),
    );
    stop = place.stop;
    // What it has learned by itself is stored before anything is compared.
    await untilContacts(place.world);
    database = new DatabaseSync(place.world.databaseFile, { timeout: 5_000 });
    // All goes with the server.
    stage = { world: place.world, scene: await setScene(place.world, () => {}) };
  });
  afterAll(async () => {
    database?.close();
    await stop();
  });
  return (operation) => {
    assert.ok(stage);
    return leaksOf(operation, stage.scene, stage.world);
  };
}

function exists(database: DatabaseSync, table: string, id: string): boolean {
  return database.prepare(`select id from ${table} where id = ?`).get(id) !== undefined;
}
