import assert from "node:assert/strict";
import { afterAll, describe, it } from "vitest";
import { caller, json } from "../../test/call.ts";
import { startMock } from "../mock.ts";

const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const call = caller(mock.url);
const ask = (path: string, body: object, accept = "application/json") =>
  call(path, { method: "POST", headers: { ...json, Accept: accept }, body: JSON.stringify(body) });

/** @returns the items of a response in one piece */
const itemsOf = (body: unknown): Record<string, unknown>[] => Object(body).data.items;

describe("A list of what was asked", () => {
  const numbers = ["+44 20 7946 0958", "551144444444", "5521987654321"];

  it("has each number, in its order, and is about it", async () => {
    const { status, body } = await ask("/contacts/check", { numbers });
    assert.equal(status, 200);
    assert.deepEqual(
      itemsOf(body).map(({ number, on_whatsapp, jid }) => [number, on_whatsapp, jid]),
      [
        [numbers[0], true, "442079460958@s.whatsapp.net"],
        // The example has this number, and says that it is not on WhatsApp.
        [numbers[1], false, null],
        [numbers[2], true, "5521987654321@s.whatsapp.net"],
      ],
    );
  });

  it("has JIDs before numbers, as the server does", async () => {
    const body = { numbers: ["5521987654321"], jids: ["5531987654321@s.whatsapp.net"] };
    const items = itemsOf((await ask("/contacts/profile-pictures", body)).body);
    assert.deepEqual(
      items.map(({ input, picture }) => [input, Object(picture).jid]),
      [
        ["5531987654321@s.whatsapp.net", "5531987654321@s.whatsapp.net"],
        ["5521987654321", "5521987654321@s.whatsapp.net"],
      ],
    );
  });

  it("has any kind of input", async () => {
    const inputs = ["5521987654321", "112233445566999@lid"];
    const items = itemsOf((await ask("/contacts/resolve", { inputs })).body);
    assert.deepEqual(
      items.map(({ input, jid }) => [input, jid]),
      [
        ["5521987654321", "5521987654321@s.whatsapp.net"],
        ["112233445566999@lid", "112233445566999@lid"],
      ],
    );
  });

  it("has them in lines, too, each counted", async () => {
    const { text } = await ask("/contacts/profile-pictures", { numbers }, "application/x-ndjson");
    const lines = text.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).data).map(({ done, total, item }) => [done, total, item.input]),
      numbers.map((number, index) => [index + 1, 3, number]),
    );
  });
});
