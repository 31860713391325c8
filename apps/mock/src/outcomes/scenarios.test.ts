import assert from "node:assert/strict";
import { contract, parseContract } from "@wuts/contract";
import { describe, it, type TestContext } from "vitest";
import { type Answer, caller, json } from "../../test/call.ts";
import { smallContract } from "../../test/small-contract.ts";
import { type Mock, startMock } from "../mock.ts";
import { canonicalForms } from "./fields.ts";
import { listOutcomes } from "./outcomes.ts";

interface MockRequest {
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly town?: string;
  readonly prefer?: string;
}

/** Starts a mock of the small contract. @returns what asks it */
async function mockOf(t: TestContext, scenarios: Readonly<Record<string, unknown>>) {
  const mock: Mock = await startMock({ port: 0, contract: parseContract(smallContract(scenarios)) });
  t.onTestFinished(() => mock.stop());
  const call = caller(mock.url);
  return ({ query = { id: "1", number: "5511999999999" }, body = {}, town = "Rio", prefer }: MockRequest) =>
    call(`/towns/${encodeURIComponent(town)}/people?${new URLSearchParams(query)}`, {
      method: "POST",
      headers: { ...json, ...(prefer !== undefined && { Prefer: prefer }) },
      body: JSON.stringify(body),
    });
}

function shows({ body, text }: Answer, example: string): void {
  assert.deepEqual(body, { shows: example }, text);
}

describe("a request that an example says it answers", () => {
  it("gets that example, and others get the first success", async (t) => {
    const ask = await mockOf(t, { hidden: [{ id: "7" }] });
    const answer = await ask({ query: { jid: "5511999999999@s.whatsapp.net", id: "7" } });
    assert.equal(answer.status, 404);
    shows(answer, "hidden");
    shows(await ask({ query: { jid: "5511999999999@s.whatsapp.net", id: "8" } }), "first");
  });

  it("has all values of one of its alternatives", async (t) => {
    const ask = await mockOf(t, { hidden: [{ id: "7", page: 2 }, { id: "8" }] });
    const number = "5511999999999";
    shows(await ask({ query: { number, id: "7", page: "2" } }), "hidden");
    shows(await ask({ query: { number, id: "8", page: "3" } }), "hidden");
    shows(await ask({ query: { number, id: "7" } }), "first");
  });

  it("may have them in its path and its body", async (t) => {
    const ask = await mockOf(t, { second: [{ town: "São Paulo" }], third: [{ tall: true }] });
    shows(await ask({ town: "São Paulo" }), "second");
    shows(await ask({ body: { tall: true } }), "third");
    shows(await ask({ body: { tall: false } }), "first");
  });

  it("has the contract's defaults where it gives nothing", async (t) => {
    const ask = await mockOf(t, { second: [{ page: 1, tall: false }] });
    shows(await ask({}), "second");
    shows(await ask({ body: { tall: true } }), "first");
    shows(await ask({ query: { number: "5511999999999", page: "2" } }), "first");
  });

  it("may write a phone number as people do, in its query and its body", async (t) => {
    const ask = await mockOf(t, { second: [{ number: "551188888888" }], third: [{ phone: "551188888888" }] });
    for (const written of ["551188888888", "+55 (11) 8888-8888", "0055 11 8888.8888", "(+55) 1188888888"]) {
      shows(await ask({ query: { number: written } }), "second");
      shows(await ask({ body: { phone: written } }), "third");
    }
    shows(await ask({ query: { number: "551188888889" } }), "first");
  });

  it("may write an e-mail address in capitals", async (t) => {
    const ask = await mockOf(t, { third: [{ email: "ana@example.com" }] });
    shows(await ask({ body: { email: "Ana@Example.com" } }), "third");
    shows(await ask({ body: { email: "rui@example.com" } }), "first");
  });

  it("writes everything but phone numbers, JIDs and e-mail addresses as the example does", async (t) => {
    const ask = await mockOf(t, { second: [{ id: "551188888888" }] });
    shows(await ask({ query: { number: "5511999999999", id: "+55 11 8888-8888" } }), "first");
  });

  it("may name a device of the account in a JID", async (t) => {
    const ask = await mockOf(t, { second: [{ jid: "551188888888@s.whatsapp.net" }] });
    shows(await ask({ query: { jid: "551188888888:3@s.whatsapp.net" } }), "second");
    shows(await ask({ query: { jid: "551188888888@lid" } }), "first");
  });

  it("is looked up by the first parameter of x-requires-one-of that it gives", async (t) => {
    const scenarios = {
      absent: [{ jid: "551188888888@s.whatsapp.net" }],
      hidden: [{ number: "551177777777" }],
    };
    const ask = await mockOf(t, scenarios);
    shows(await ask({ query: { number: "551177777777", jid: "551188888888@s.whatsapp.net" } }), "absent");
    shows(await ask({ query: { number: "551177777777", jid: "551166666666@s.whatsapp.net" } }), "first");
  });
});

describe("of several examples that answer a request", () => {
  it("the one that names most values is given", async (t) => {
    const ask = await mockOf(t, { second: [{ id: "7", page: 2 }], hidden: [{ id: "7" }] });
    shows(await ask({ query: { number: "5511999999999", id: "7", page: "2" } }), "second");
    shows(await ask({ query: { number: "5511999999999", id: "7" } }), "hidden");
  });

  it("the last one is given when they name equally many", async (t) => {
    const same = [{ id: "7" }];
    const query = { number: "5511999999999", id: "7" };
    shows(await (await mockOf(t, { first: same, second: same }))({ query }), "second");
    shows(
      await (await mockOf(t, { second: same, absent: same, hidden: [{ page: 1 }] }))({ query }),
      "hidden",
    );
  });
});

describe("a scenario", () => {
  it("is for operations that have all of its fields", async (t) => {
    const ask = await mockOf(t, { hidden: [{ id: "7", colour: "red" }], second: [{ colour: "red" }] });
    shows(await ask({ query: { number: "5511999999999", id: "7" } }), "first");
  });

  it("is not for wrong requests", async (t) => {
    const ask = await mockOf(t, { second: [{ id: "7" }], third: [{ tall: true }] });
    for (const wrong of [
      { query: { id: "7" } },
      { query: { id: "7", number: "x" } },
      { query: { id: "7", number: "5511999999999", page: "x" } },
      { query: { id: "7", number: "5511999999999", colour: "red" } },
      { query: { id: "7", number: "5511999999999" }, body: { tall: "very" } },
      { query: { id: "7", number: "5511999999999" }, body: [] },
    ]) {
      assert.equal((await ask(wrong)).status, 400, JSON.stringify(wrong));
    }
  });

  it("gives way to Prefer", async (t) => {
    const ask = await mockOf(t, { second: [{ id: "7" }] });
    const query = { number: "5511999999999", id: "7" };
    shows(await ask({ query, prefer: "example=hidden" }), "hidden");
    shows(await ask({ query, prefer: "code=200" }), "first");
    shows(await ask({ query, prefer: "return=minimal" }), "second");
  });

  it("that is no list of objects is refused, with the example's name", async () => {
    for (const none of [{ id: "7" }, "id=7", ["id=7"], null]) {
      const start = startMock({ port: 0, contract: parseContract(smallContract({ hidden: none })) });
      await assert.rejects(start, { message: "x-request of the example hidden must be a list of objects." });
    }
  });
});

describe("the contract's scenarios", () => {
  const outcomes = listOutcomes();

  it("are all known: none is in a place where it is not looked for, or names a field that no operation has", () => {
    const known = new Set(
      outcomes.flatMap(({ scenarios }) => scenarios.map((scenario) => JSON.stringify(scenario))),
    );
    const written = scenariosIn(contract).map((scenario) => JSON.stringify(scenario));
    assert.ok(written.length > 0);
    assert.deepEqual(
      written.filter((scenario) => !known.has(scenario)),
      [],
    );
  });

  it("compare phone numbers, JIDs and e-mail addresses by schemas that the contract has", () => {
    const schemas: unknown = contract.components.schemas;
    assert.ok(typeof schemas === "object" && schemas !== null);
    for (const name of Object.keys(canonicalForms)) assert.ok(name in schemas, name);
  });
});

/** Every alternative of every `x-request`, wherever in the document it is. */
function scenariosIn(node: unknown): unknown[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === "x-request" && Array.isArray(value) ? value : scenariosIn(value),
  );
}
