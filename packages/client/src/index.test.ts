import assert from "node:assert/strict";
import { operations } from "@wuts/contract";
import { answering } from "@wuts/testing/canned-server";
import { describe, it } from "vitest";
import { methodName } from "../scripts/method-name.ts";
import { createWuts, type Wuts } from "./index.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const otherToken = "8d0c7f5e-1b2a-4c3d-9e8f-7a6b5c4d3e2f";
const wuts = createWuts({ baseUrl: "http://wuts.invalid", token });

describe("wuts.<tag>.<operation>", () => {
  it("exists for every operation of the contract", () => {
    const services: Readonly<Record<string, object>> = { ...pick(wuts) };
    for (const { tag, operationId } of operations) {
      assert.ok(
        methodName(tag, operationId) in (services[tag] ?? {}),
        `wuts.${tag}.${methodName(tag, operationId)}`,
      );
    }
  });
});

// Nothing runs here: what is wrong does not compile.
void [
  () =>
    wuts.contacts.getProfilePicture({ number: "5511999999999" }).then((picture) => {
      if (!picture.unchanged) picture.url satisfies string;
      else picture.url satisfies null;
    }),
  () => wuts.devices.list().then(({ items }) => items[0]?.state satisfies string | undefined),
  // @ts-expect-error: a device needs a name
  () => wuts.devices.create({}),
  () => wuts.devices.create({ name: "Reception", "Idempotency-Key": "8e03978e" }),
  // @ts-expect-error: what makes nothing takes no key
  () => wuts.devices.list({ "Idempotency-Key": "8e03978e" }),
  // @ts-expect-error: there is no such parameter
  () => wuts.devices.list({ colour: "red" }),
  // @ts-expect-error: `limit` is a number
  () => wuts.devices.list({ limit: "5" }),
  // @ts-expect-error: what createWuts sets up cannot be turned off
  () => wuts.devices.list({}, { throwOnError: false }),
  () => wuts.devices.list({}, { signal: AbortSignal.abort() }),
  () => wuts.system.getLiveness({ signal: AbortSignal.abort() }),
];

describe("what is sent", () => {
  it("has the token in Authorization, parameters in query and body, and the caller's headers", async () => {
    const server = await answering(200, { success: true, data: {} });
    await createWuts({ baseUrl: `${server.url}/`, token }).session.generatePairCode(
      { number: "+55 11 99999-9999", refresh: 0 },
      { headers: { "X-Request-Id": "mine" } },
    );
    await server.stop();
    const [request] = server.requests;
    assert.equal(request?.url, "/paircode?refresh=0");
    assert.equal(request?.headers.authorization, `Bearer ${token}`);
    assert.equal(request?.headers["content-type"], "application/json");
    assert.equal(request?.headers["x-request-id"], "mine");
    assert.deepEqual(JSON.parse(request?.body ?? ""), { number: "+55 11 99999-9999" });
  });

  it("has the key of what is made once in its header", async () => {
    const server = await answering(201, { success: true, data: {} });
    const wuts = createWuts({ baseUrl: server.url, token });
    await wuts.devices.create({ name: "Reception", "Idempotency-Key": "8e03978e" });
    await server.stop();
    const [request] = server.requests;
    assert.equal(request?.headers["idempotency-key"], "8e03978e");
    assert.deepEqual(JSON.parse(request?.body ?? ""), { name: "Reception" });
  });

  it("encodes what has a meaning in a URL", async () => {
    const server = await answering(200, { success: true, data: {} });
    await createWuts({ baseUrl: server.url, token }).contacts.getProfilePicture({
      number: "+55 (11) 99999-9999",
    });
    await server.stop();
    const { searchParams } = new URL(server.requests[0]?.url ?? "", server.url);
    assert.equal(searchParams.get("number"), "+55 (11) 99999-9999");
  });

  it("belongs to the client that sends it, even when several are at work", async () => {
    const [one, two] = await Promise.all([
      answering(200, { success: true, data: {} }),
      answering(200, { success: true, data: {} }),
    ]);
    const clients = [
      createWuts({ baseUrl: one.url, token }),
      createWuts({ baseUrl: two.url, token: otherToken }),
    ];
    await Promise.all([...clients, ...clients].map((client) => client.devices.list()));
    await Promise.all([one.stop(), two.stop()]);
    const tokens = (server: typeof one) => server.requests.map(({ headers }) => headers.authorization);
    assert.deepEqual(tokens(one), [`Bearer ${token}`, `Bearer ${token}`]);
    assert.deepEqual(tokens(two), [`Bearer ${otherToken}`, `Bearer ${otherToken}`]);
  });

  it("goes through the caller's fetch, if there is one", async () => {
    const urls: string[] = [];
    const counting: typeof fetch = (input, init) => {
      urls.push(input instanceof Request ? input.url : `${input}`);
      return fetch(input, init);
    };
    const server = await answering(200, { success: true, data: {} });
    await createWuts({ baseUrl: server.url, token, fetch: counting }).devices.list();
    await server.stop();
    assert.deepEqual(urls, [`${server.url}/devices`]);
  });
});

function pick({ system, devices, session, contacts, profile, groups, users, tokens, tenants, audit }: Wuts) {
  return { system, devices, session, contacts, profile, groups, users, tokens, tenants, audit };
}
