import assert from "node:assert/strict";
import { type OperationDescription, type OperationId, wutsContract } from "@wuts/contract";
import { parametersIn } from "@wuts/contract/document";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Answer, assertRefused, at, dataOf, listAt, textAt } from "../test-support/call.ts";
import { until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";
import { masterToken, withMaster } from "../test-support/worlds/master.ts";

const phones = { owner: "5511900000000", ana: "5511999999999", bia: "5511888888888" };

const takes = (operation: OperationDescription, name: string) =>
  parametersIn(wutsContract.document, operation).some((each) => each.in === "query" && each.name === name);

/** Every operation that answers page by page. */
const lists = wutsContract.operations.filter((operation) => takes(operation, "cursor"));

describe("A cursor", () => {
  let world: World;
  /** Ids for the parameters of paths. */
  let ids: Readonly<Record<string, string>>;
  let otherUser: string;
  let devices: readonly string[];
  beforeAll(async () => {
    world = await startWorld(withMaster);
    const { simulator, createDevice, call } = world;
    for (const phone of [phones.ana, phones.bia]) simulator.addAccount({ phone });
    const contacts = [phones.ana, phones.bia].map((phone) => ({ phone, fullName: `Of ${phone}` }));
    simulator.addAccount({ phone: phones.owner, contacts });
    devices = [await world.pairedDevice(phones.owner), await createDevice("Second")];
    await world.addTenant();
    const user = await world.addPerson("manager");
    ids = { user_id: user.id };
    otherUser = (await world.addPerson()).id;
    for (const name of ["A", "B"])
      for (const id of [user.id, otherUser])
        dataOf(await call(`/users/${id}/tokens`, { method: "POST", body: { name } }), 201);
    await until("two contacts", async () => {
      const seen = listAt(dataOf(await list("listContacts")), "items").length;
      return { found: seen >= 2 || undefined, seen };
    });
  });
  afterAll(() => world.stop());

  const pathOf = (operation: OperationDescription) => {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => textAt(ids, name));
    return takes(operation, "device_id") ? `${path}?device_id=${devices[0]}&` : `${path}?`;
  };
  const operationOf = (id: OperationId) => {
    const operation = lists.find(({ operationId }) => operationId === id);
    assert.ok(operation, id);
    return operation;
  };
  const askFor = (operation: OperationDescription, query = ""): Promise<Answer> =>
    world.call(`${pathOf(operation)}${query}`, operation.role === "master" ? { token: masterToken } : {});
  const list = (id: OperationId, query = "") => askFor(operationOf(id), query);
  const cursorOf = async (operation: OperationDescription) =>
    textAt(dataOf(await askFor(operation, "limit=1")), "next_cursor");

  it("is of a list: the contract has some", () => assert.ok(lists.length >= 6));

  describe.each(lists.map((operation) => [operation.operationId, operation] as const))(
    "of %s",
    (_id, operation) => {
      it("goes on behind the page that it came with", async () => {
        const all = listAt(dataOf(await askFor(operation, "limit=2")), "items");
        const cursor = await cursorOf(operation);
        const page = dataOf(await askFor(operation, `limit=1&cursor=${cursor}`));
        assert.deepEqual(listAt(page, "items"), all.slice(1));
      });

      it("is refused when it is none, and when it was cut or changed", async () => {
        const cursor = await cursorOf(operation);
        const end = cursor.at(-1) === "A" ? "B" : "A";
        for (const wrong of [
          "undefined",
          "null",
          "x",
          "_".repeat(200),
          Buffer.from("2026-06-01T09:30:00.000Z 7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10").toString("base64url"),
          cursor.slice(1),
          cursor.slice(0, -1),
          cursor.slice(0, cursor.length / 2),
          `${cursor}A`,
          `${cursor.slice(0, -1)}${end}`,
          `${end}${cursor.slice(1)}`,
          cursor.toUpperCase(),
        ])
          assertInvalidCursor(await askFor(operation, `cursor=${wrong}`));
      });

      it("is refused by every other list", async () => {
        const cursor = await cursorOf(operation);
        const others = lists.filter((each) => each !== operation);
        for (const other of others) assertInvalidCursor(await askFor(other, `cursor=${cursor}`));
      });
    },
  );

  it("is refused by the list of another user or device that the request names", async () => {
    const token = await cursorOf(operationOf("listTokens"));
    assertInvalidCursor(await world.call(`/users/${otherUser}/tokens?cursor=${token}`));
    const contact = await cursorOf(operationOf("listContacts"));
    assertInvalidCursor(await world.call(`/contacts?device_id=${devices[1]}&cursor=${contact}`));
  });

  it("is taken by every process of a server", async () => {
    const cursors = await Promise.all(lists.map(cursorOf));
    await world.restartServer();
    for (const [index, operation] of lists.entries())
      dataOf(await askFor(operation, `cursor=${cursors[index]}`));
  });

  it("is a place in the whole list: another filter goes on from there", async () => {
    const cursor = await cursorOf(operationOf("listContacts"));
    const page = dataOf(await list("listContacts", `search=${phones.ana}&cursor=${cursor}`));
    assert.deepEqual(
      listAt(page, "items").map((item) => at(item, "phone_number")),
      [phones.ana],
    );
  });
});

function assertInvalidCursor(answer: Answer): void {
  assertRefused(answer, 400, "INVALID_CURSOR");
  const [problem, ...others] = listAt(answer.body, "validation");
  assert.deepEqual([at(problem, "field"), others], ["cursor", []]);
  assert.match(textAt(problem, "message"), /next_cursor/);
}
