import assert from "node:assert/strict";
import { createWuts, type LookedUpPicture } from "@wuts/client";
import { startMock } from "@wuts/mock";
import { afterAll, describe, it } from "vitest";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const group = "120363039000000000@g.us";
const bug = "5511000000000";
const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());

describe("wuts.contacts.lookUpProfilePicturesStream", () => {
  it("gives the data of each line", async () => {
    const wuts = createWuts({ baseUrl: mock.url, token });
    const seen: [number, LookedUpPicture | null][] = [];
    const asked = { jids: [group], numbers: ["5511888888888"] };
    for await (const { done, item } of wuts.contacts.lookUpProfilePicturesStream(asked))
      seen.push([done, item]);
    assert.deepEqual(
      seen.map(([done, item]) => [done, item?.input]),
      [
        [1, group],
        [2, "5511888888888"],
      ],
    );
  });

  it("throws what was wrong with the request, before any line", async () => {
    const wuts = createWuts({ baseUrl: mock.url, token });
    const reading = wuts.contacts.lookUpProfilePicturesStream({ numbers: [] }).next();
    await assert.rejects(reading, { name: "WutsValidationError", status: 400, code: "VALIDATION_ERROR" });
  });

  it("throws the error that is the last line, after the others", async () => {
    const wuts = createWuts({ baseUrl: mock.url, token });
    const body = { jids: [group], numbers: [bug] };
    const lines = wuts.contacts.lookUpProfilePicturesStream(body, { headers: { "X-Request-Id": "mine" } });
    assert.equal((await lines.next()).value?.item?.input, group);
    await assert.rejects(lines.next(), {
      name: "WutsServerError",
      status: 200,
      code: "INTERNAL_ERROR",
      requestId: "mine",
    });
  });
});
