import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { WrongCall } from "./command-failed.ts";
import { readExpiry, readName } from "./token-create.ts";

describe("readName", () => {
  for (const name of ["n", " n ", "n".repeat(100)]) {
    it(`takes ${JSON.stringify(name).slice(0, 12)}`, () => {
      assert.equal(readName(name), name);
    });
  }

  for (const name of ["", "  ", "a\nb", "n".repeat(101)]) {
    it(`does not take ${JSON.stringify(name).slice(0, 12)}, and says what it takes`, () => {
      assert.throws(() => readName(name), wrongCall(/^--name takes 1 to 100 char/));
    });
  }
});

describe("readExpiry", () => {
  const year = new Date().getUTCFullYear() + 1;
  for (const [text, expiresAt] of [
    [`${year}-12-31`, `${year}-12-31T00:00:00.000Z`],
    [`${year}-12-31T12:00:00Z`, `${year}-12-31T12:00:00.000Z`],
    [`${year}-12-31T12:00:00.5-03:00`, `${year}-12-31T15:00:00.500Z`],
  ] as const) {
    it(`takes ${text} as the end`, () => {
      assert.equal(readExpiry(text)?.toISOString(), expiresAt);
    });
  }

  for (const [text, days] of [
    ["1d", 1],
    ["90d", 90],
    ["3650d", 3_650],
  ] as const) {
    it(`takes ${text} as the end`, () => {
      const seconds = (Number(readExpiry(text)) - Date.now()) / 1_000;
      assert.ok(seconds <= days * 86_400 && seconds > days * 86_400 - 60, `${seconds} s`);
    });
  }

  it("takes nothing for never", () => {
    assert.equal(readExpiry(undefined), null);
  });

  for (const text of [
    ...["", "soon", "90", "90 d", "-1d", "0d", "3651d", "99999d"],
    ...["2020-01-01", "2026-02-30", "2999-01-01", "12/31/2030", "2030-12-31T12:00:00"],
  ]) {
    it(`does not take ${JSON.stringify(text)}, and says what it takes`, () => {
      const sentence = /^--expires takes a time that is 60 s to 3650 days from now: /;
      assert.throws(() => readExpiry(text), wrongCall(sentence));
    });
  }
});

function wrongCall(message: RegExp) {
  return (error: unknown) => error instanceof WrongCall && message.test(error.message);
}
