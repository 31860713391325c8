import assert from "node:assert/strict";
import { createWuts, type ProfilePicture } from "@wuts/client";
import { startMock } from "@wuts/mock";
import { afterAll, describe, it } from "vitest";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const wuts = createWuts({ baseUrl: mock.url, token });

describe("wuts.<tag>.<operation>", () => {
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
    assert.equal((await wuts.session.connect()).paired, true);
    assert.equal((await wuts.session.logout()).unlinked, true);
  });

  it("resolves with the body where there is no envelope", async () => {
    assert.match(await wuts.system.getContractYaml(), /^openapi: 3\.1\.0$/m);
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
    const pairing = await wuts.session.generatePairCode({ number: "5511999999999", refresh: true });
    assert.equal(pairing.code, "ABCD-1234");
  });

  it("works in a destructured client", async () => {
    const { session } = wuts;
    assert.equal((await session.generateQrCode()).expires_in, 60);
  });
});
