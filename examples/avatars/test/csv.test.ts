import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { formatRows, parseRecords, parseRows } from "../src/csv.ts";

describe("parseRows", () => {
  for (const [name, delimiter] of [
    ["commas", ","],
    ["semicolons", ";"],
    ["tabs", "\t"],
  ] as const) {
    it(`reads ${name}, quotes, a byte order mark and CRLF`, () => {
      const lines = [
        ["Name", "Phone"],
        ['"Souza, ""Ana"";\tFilho"', " 5511999999999 "],
        ["", ""],
        ["Bruno", ""],
      ];
      const text = `\ufeff${lines.map((cells) => cells.join(delimiter)).join("\r\n")}\r\n`;
      assert.deepEqual(parseRows(text), [
        ["Name", "Phone"],
        ['Souza, "Ana";\tFilho', "5511999999999"],
        ["Bruno", ""],
      ]);
    });
  }

  it("refuses quotes that are not closed", () => {
    assert.throws(() => parseRows('Name,Phone\n"Ana,5511999999999\n'), /not valid CSV: Quoted field/);
  });
});

describe("parseRecords", () => {
  const columns = ["number", "file"] as const;

  it("reads what formatRows wrote", () => {
    const records = [
      { number: 'with "quotes", comma', file: "" },
      { number: "two\nlines", file: " a.jpg" },
    ];
    assert.deepEqual(parseRecords(formatRows(records, columns, { header: true })), records);
  });

  it("reads no records from a header alone, which formatRows writes for none", () => {
    assert.equal(formatRows([], columns, { header: true }), "number,file\n");
    assert.deepEqual(parseRecords("number,file\n"), []);
    assert.deepEqual(parseRecords(""), []);
  });

  it("reads lines that were appended without a header", () => {
    const first = formatRows([{ number: "1", file: "" }], columns, { header: true });
    const second = formatRows([{ number: "2", file: "2.jpg" }], columns, { header: false });
    assert.deepEqual(parseRecords(first + second), [
      { number: "1", file: "" },
      { number: "2", file: "2.jpg" },
    ]);
  });
});
