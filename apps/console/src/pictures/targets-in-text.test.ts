import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { targetsInText } from "./targets-in-text.ts";

const number = fc.stringMatching(/^[1-9]\d{9,14}$/);
const jid = fc.stringMatching(/^[1-9]\d{9,14}@(s\.whatsapp\.net|lid|g\.us)$/);
const target = fc.oneof(number, jid);

describe("peopleInText", () => {
  it("finds each number in a column, once, in its order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(target), fc.constantFrom("\n", "\r\n", "\n\n"), (targets, between) => {
        assert.deepEqual(targetsInText(targets.join(between)), { targets, duplicates: 0, skipped: 0 });
      }),
    );
  });

  it("finds them in whatever column of a CSV, and counts the heading", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(target, { minLength: 1 }),
        fc.constantFrom(",", ";", "\t"),
        (targets, delimiter) => {
          const lines = [["name", "phone", "city"], ...targets.map((one) => ["Ana", one, "São Paulo, SP"])];
          const csv = lines.map((cells) => cells.map((cell) => `"${cell}"`).join(delimiter)).join("\n");
          assert.deepEqual(targetsInText(csv), { targets, duplicates: 0, skipped: 1 });
        },
      ),
    );
  });

  for (const [name, delimiter] of [
    ["commas", ","],
    ["semicolons", ";"],
    ["tabs", "\t"],
  ] as const) {
    it(`reads a CSV with ${name}, quotes, a byte order mark and CRLF`, () => {
      const lines = [
        ["Name", "Phone"],
        ['"Souza, ""Ana"";\tFilho"', '"+55 11 99999-9999"'],
        ["", ""],
        ['"two\r\nlines"', "5511777777777"],
      ];
      const csv = `\ufeff${lines.map((cells) => cells.join(delimiter)).join("\r\n")}\r\n`;
      const targets = ["+55 11 99999-9999", "5511777777777"];
      assert.deepEqual(targetsInText(csv), { targets, duplicates: 0, skipped: 1 });
    });
  }

  it("reads a text with several kinds of line breaks", () => {
    const targets = ["5511111111111", "5511222222222", "5511333333333", "5511444444444"];
    const text = "5511111111111\r\n5511222222222\n5511333333333\r5511444444444";
    assert.deepEqual(targetsInText(text), { targets, duplicates: 0, skipped: 0 });
  });

  it("finds a number behind a byte order mark", () => {
    assert.deepEqual(targetsInText("\ufeff5511999999999\n").targets, ["5511999999999"]);
  });

  it("takes a number for the same, however it is written", () => {
    const text = "+55 (11) 99999-9999\n005511999999999\n5511999999999\n55.11.99999.9999";
    assert.deepEqual(targetsInText(text), { targets: ["+55 (11) 99999-9999"], duplicates: 3, skipped: 0 });
  });

  it("never fails, and counts each line that is not empty", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[^"\n\r]*$/)), (lines) => {
        const { targets, duplicates, skipped } = targetsInText(lines.join("\n"));
        const cells = lines.filter((line) => line.split(/[,;\t]/).some((cell) => cell.trim() !== ""));
        assert.ok(targets.length + duplicates + skipped >= cells.length);
      }),
    );
  });
});
