import assert from "node:assert/strict";
import { join } from "node:path";
import ts from "typescript";
import { describe, it } from "vitest";
import { asSdk, type PictureQuery } from "./code-samples.ts";
import { targetParameters } from "./target-parameters.ts";

const device_id = "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10";
const queries: readonly PictureQuery[] = [
  { ...targetParameters("+55 (11) 99999-9999"), preview: true, device_id },
  { ...targetParameters("120363039000000000@g.us"), preview: false, device_id },
  { ...targetParameters('a "quoted" \\ `text`'), preview: false, device_id },
];

describe("the sample for the SDK", () => {
  it("compiles as a user copies it, as strictly as TypeScript can", () => {
    const samples = queries.map((query) => asSdk("https://wuts.example.com/base", query));
    assert.deepEqual(problemsIn(samples), []);
    // What is wrong would be found.
    assert.equal(problemsIn([samples[0]?.replace("preview: true", "preview: {}") ?? ""]).length, 1);
  });
});

/** @returns what the compiler says of these programs, each in a file of its own beside this one */
function problemsIn(programs: readonly string[]): string[] {
  const files = new Map(
    programs.map((text, index) => [join(import.meta.dirname, `sample-${index}.ts`), text]),
  );
  const options: ts.CompilerOptions = {
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noUnusedLocals: true,
    },
    ...{ noEmit: true, types: ["node"], target: ts.ScriptTarget.ES2022, skipLibCheck: true },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, ...others) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, ...others) : ts.createSourceFile(path, text, others[0]);
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
