import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { describeGroups, type ParameterDescription } from "../scripts/describe-calls.ts";
import { problemsIn, publicNames } from "./declarations.ts";

const names = publicNames(["index.d.ts", "react-query.d.ts"]);
const calls = describeGroups().flatMap((group) => group.calls);

describe("the declarations that users compile against", () => {
  it("document every export, every member and every parameter", () => {
    const without = names.filter(({ documentation }) => documentation === "").map(({ name }) => name);
    assert.deepEqual(without, []);
    // The names were read, and not only those of one file.
    for (const name of [
      "createWuts(options)",
      "DevicesCalls.listAll(parameters)",
      "Device.state",
      "Groups.tokens",
    ])
      assert.ok(
        names.some((each) => each.name === name),
        name,
      );
  });

  it("speak of calls, codes and errors, and not of methods, paths and statuses", () => {
    const foreign =
      /\b(GET|HEAD|POST|PUT|PATCH|DELETE) \/|\b[1-5]\d\d `[A-Z]|\b304\b|\b(answers?|else) [1-5]\d\d\b|`Retry-After` says|%2B/;
    const speaking = names.filter(({ documentation }) => foreign.test(documentation));
    assert.deepEqual(
      speaking.map(({ name, documentation }) => `${name}: ${foreign.exec(documentation)?.[0]}`),
      [],
    );
  });

  it("describe each parameter as the contract does, at the call and at its stream and list", () => {
    for (const { typeName, parameters } of calls)
      for (const { name, description } of parameters) {
        const found = names.find((each) => each.name === `${typeName}Parameters.${name}`);
        assert.ok(found?.documentation.startsWith(description.trim().slice(0, 60)), `${typeName} ${name}`);
      }
    const streams = names.filter(({ name }) => /^\w+Calls\.\w+Stream$/.test(name));
    assert.equal(streams.length, calls.filter(({ stream }) => stream !== undefined).length);
  });
});

describe("a call without what is required", () => {
  const lines = calls.map((call) => {
    const required = call.parameters.filter((parameter) => parameter.required);
    return { call, least: required, whole: withOneOf(call.requiresOneOf, required, call.parameters) };
  });
  const head = 'import type { Wuts } from "./index.d.ts";\ndeclare const wuts: Wuts, any: never;';
  const offset = head.split("\n").length;

  it("compiles only when no parameter of several is needed, and with one of them always", () => {
    const program = (which: "least" | "whole") =>
      [head, ...lines.map((line) => written(line.call, line[which]))].join("\n");
    const wrong = problemsIn(program("least"));
    const right = problemsIn(program("whole"));
    assert.deepEqual([...right], []);
    const needing = lines.filter(({ call }) => call.requiresOneOf.length > 0);
    assert.ok(needing.length >= 8, `${needing.length} operations need one of several`);
    assert.deepEqual(
      [...wrong.keys()].sort((a, b) => a - b),
      needing.map((line) => lines.indexOf(line) + offset),
    );
  });

  it("says which parameter is missing", () => {
    const [message = ""] = problemsIn(
      `${head}\nvoid wuts.contacts.getProfilePicture({ preview: false });`,
    ).values();
    assert.match(message, /Property 'number' is missing|Property 'jid' is missing/);
  });
});

function withOneOf(
  oneOf: readonly string[],
  required: readonly ParameterDescription[],
  all: readonly ParameterDescription[],
): ParameterDescription[] {
  return [...required, ...all.filter(({ name }) => name === oneOf[0])];
}

function written(
  { tag, name, parameters }: (typeof calls)[number],
  given: readonly ParameterDescription[],
): string {
  const fields = given.map((parameter) => `${JSON.stringify(parameter.name)}: any`).join(", ");
  return `void wuts.${tag}.${name}(${parameters.length === 0 ? "" : `{ ${fields} }`});`;
}
