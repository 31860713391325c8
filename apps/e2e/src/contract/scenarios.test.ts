import assert from "node:assert/strict";
import { type OperationDescription, wutsContract } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import { requestLike } from "@wuts/contract-cases";
import { listOutcomes, startMock } from "@wuts/mock";
import { startSandbox } from "@wuts/sandbox";
import { afterAll, beforeAll, describe, it } from "vitest";
import { ask } from "../support/ask.ts";
import { assertDescribed } from "../support/described.ts";
import { type Place, someTokens } from "../support/worlds.ts";
import { answerSchema, differences } from "./scenarios.ts";

const scenarios = wutsContract.operations.flatMap((operation) =>
  listOutcomes()
    .filter(({ operationId }) => operationId === operation.operationId)
    .flatMap((outcome) => outcome.scenarios.map((scenario) => ({ operation, outcome, scenario }))),
);

describe("a scenario of the contract", { timeout: 60_000 }, () => {
  let mock: Place;
  let sandbox: Place;
  let known: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const { url, stop } = await startMock({ port: 0 });
    mock = { url, stop, ...someTokens(), world: undefined };
    // Short, or the test would wait for whom WhatsApp says nothing about.
    const settings = { WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent", WUTS_WHATSAPP_TIMEOUT_MS: "3000" };
    const started = await startSandbox(settings);
    sandbox = { ...someTokens(), ...started, world: undefined };
    const { user } = await started.wuts.users.getMe();
    known = { user_id: user.id, device_id: started.deviceId };
  });
  afterAll(async () => {
    await mock?.stop();
    await sandbox?.stop();
  });

  for (const { operation, outcome, scenario } of scenarios) {
    const { request, status, errorCode, example } = outcome;
    const title = `${request} with ${JSON.stringify(scenario)}: ${status} ${errorCode ?? example}`;
    it(`has the same answer in the mock and in the sandbox: ${title}`, async () => {
      const accept = outcome.lines ? { Accept: linesType } : {};
      const sent = { ...requestLike(operation, scenario, known), headers: accept };
      const answers = await Promise.all([ask(mock, operation, sent), ask(sandbox, operation, sent)]);
      for (const answer of answers) {
        assert.equal(answer.status, status, answer.text);
        assertDescribed(answer, operation);
        if (errorCode !== undefined) assert.partialDeepStrictEqual(answer.body, { error_code: errorCode });
      }
      const [{ body: mocked }, { body: real }] = answers;
      if (errorCode === undefined) {
        const chosen = { ...sent, headers: { Prefer: `code=${status}, example=${example}`, ...accept } };
        const { body } = await ask(mock, operation, chosen);
        assert.deepEqual(unstamped(mocked), unstamped(body), `the mock answers ${example}`);
      }
      assert.deepEqual(differences(mocked, real, answerSchema(operation, outcome)), []);
    });
  }

  it("is there: the contract has some", () => assert.ok(scenarios.length > 0));
});

describe("what is compared of two bodies", () => {
  const operation = operationOf("getContactProfilePicture");
  const inOnePiece = { status: 200, lines: false };
  const picture = {
    success: true,
    data: { jid: "1@lid", url: "https://a", id: "1", type: "image", expires_at: null, unchanged: false },
  };
  const compare = (data: object) =>
    differences(
      picture,
      { ...picture, data: { ...picture.data, ...data } },
      answerSchema(operation, inOnePiece),
    );

  it("is not what any text says", () => assert.deepEqual(compare({ id: "2", url: "https://b" }), []));
  it("is what is null", () => assert.deepEqual(compare({ url: null }), ["body.data.url is string and null"]));
  it("is what is there", () =>
    assert.deepEqual(compare({ more: 1 }), ["body.data.more is absent and number"]));
  it("is which of the listed values there are", () =>
    assert.deepEqual(compare({ type: "preview", unchanged: true }), [
      "body.data.type is image and preview",
      "body.data.unchanged is false and true",
    ]));
  it("is every element that both lists have", () => {
    const lists = [["connected"], ["banned", "connected"]].map((states) => ({
      data: { items: states.map((state) => ({ state })) },
    }));
    assert.deepEqual(differences(lists[0], lists[1], answerSchema(operationOf("listDevices"), inOnePiece)), [
      "body.data.items[0].state is connected and banned",
    ]);
  });
});

/** Without what the mock generates for each response. */
function unstamped(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (name, value) =>
    name === "request_id" || name === "timestamp" ? undefined : value,
  );
}

function operationOf(operationId: string): OperationDescription {
  const found = wutsContract.operations.find((operation) => operation.operationId === operationId);
  assert.ok(found);
  return found;
}
