import assert from "node:assert/strict";
import { operations } from "@wuts/contract";
import { startMock } from "@wuts/mock";
import { afterAll, describe, it } from "vitest";
import { methodName } from "../scripts/method-name.ts";
import { answering } from "../test/answering.ts";
import { createWuts, type ProfilePicture, type Wuts } from "./index.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const otherToken = "8d0c7f5e-1b2a-4c3d-9e8f-7a6b5c4d3e2f";
const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const wuts = createWuts({ baseUrl: mock.url, token });

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

  it("resolves with the data of the answer", async () => {
    const picture = await wuts.contacts.getProfilePicture({ number: "5511999999999", preview: false });
    // Compiles only when the types tell the two kinds of answer apart.
    const url: string | null = picture.unchanged ? picture.url : (picture satisfies ProfilePicture).url;
    assert.equal(url, "https://pps.whatsapp.net/v/t61.24694-24/abc123.jpg?oe=6A314420");
    assert.equal((await wuts.system.getLiveness()).status, "alive");
    assert.equal(
      (await wuts.devices.get({ device_id: "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10" })).name,
      "Reception",
    );
    assert.equal((await wuts.session.checkStatus()).state, "connected");
    assert.equal((await wuts.session.connect()).needs_qr, false);
    assert.equal((await wuts.session.logout()).unlinked, true);
  });

  it("resolves with the body where there is no envelope", async () => {
    assert.match(await wuts.system.getContractYaml(), /^openapi: 3\.1\.0\n/);
    assert.equal((await wuts.system.getContractJson()).openapi, "3.1.0");
  });

  it("resolves with a Blob where the body is bytes", async () => {
    const picture: Blob = await wuts.contacts.getProfilePictureImage({ number: "5511999999999" });
    assert.equal(picture.type, "image/jpeg");
    assert.equal(
      Buffer.from(await picture.bytes())
        .subarray(0, 3)
        .toString("hex"),
      "ffd8ff",
    );
    const headers = { Prefer: "code=206" };
    const part = await wuts.contacts.getProfilePictureImage({ number: "5511999999999" }, { headers });
    assert.equal(part.size, 4);
  });

  it("rejects with NOT_MODIFIED when what the caller has is what there is", async () => {
    const headers = { Prefer: "code=304" };
    const asked = wuts.contacts.getProfilePictureImage({ number: "5511999999999" }, { headers });
    await assert.rejects(asked, { name: "WutsError", status: 304, code: "NOT_MODIFIED" });
  });

  it("takes the fields of a body like parameters", async () => {
    assert.equal((await wuts.devices.create({ name: "Reception" })).state, "unpaired");
    const pairing = await wuts.session.generatePairCode({ phone: "5511999999999", refresh: true });
    assert.equal(pairing.code, "ABCD-1234");
  });

  it("works in a destructured client", async () => {
    const { session } = wuts;
    assert.equal((await session.generateQrCode()).ttl, 60);
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
      { phone: "+55 11 99999-9999", refresh: 0 },
      { headers: { "X-Request-Id": "mine" } },
    );
    await server.stop();
    const [request] = server.requests;
    assert.equal(request?.url, "/paircode?refresh=0");
    assert.equal(request?.headers.authorization, `Bearer ${token}`);
    assert.equal(request?.headers["content-type"], "application/json");
    assert.equal(request?.headers["x-request-id"], "mine");
    assert.deepEqual(JSON.parse(request?.body ?? ""), { phone: "+55 11 99999-9999" });
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
    await createWuts({ baseUrl: mock.url, token, fetch: counting }).devices.list();
    assert.deepEqual(urls, [`${mock.url}/devices`]);
  });
});

function pick({ system, devices, session, contacts, profile, groups, users, tokens, tenants, audit }: Wuts) {
  return { system, devices, session, contacts, profile, groups, users, tokens, tenants, audit };
}
