import assert from "node:assert/strict";
import type { LookedUpPicture } from "@wuts/client";
import { describe, it } from "vitest";
import { outcomesCsv } from "./outcomes-csv.ts";

const header = "input,jid,picture_id,url,expires_at,error_code,error\n";

const failed = (input: string, error: string): LookedUpPicture => {
  return { input, picture: null, error_code: "PICTURE_NOT_SET", error };
};

const csvOf = (outcome: LookedUpPicture) => outcomesCsv([outcome.input], new Map([[outcome.input, outcome]]));

describe("outcomesCsv", () => {
  it("has a line for each target, in their order, also for one without an outcome", () => {
    const jid = "5511999999999@s.whatsapp.net";
    const found: LookedUpPicture = {
      input: "+55 11 99999-9999",
      picture: {
        jid,
        url: "https://x/1?a,b",
        picture_id: "17",
        type: "preview",
        direct_path: "/1",
        expires_at: null,
        unchanged: false,
      },
      error_code: null,
      error: null,
    };
    assert.equal(
      outcomesCsv(["12", found.input], new Map([[found.input, found]])),
      `${header}12,,,,,,\n+55 11 99999-9999,${jid},17,"https://x/1?a,b",,,`,
    );
  });

  it("quotes delimiters, quotes and line breaks", () => {
    assert.equal(csvOf(failed("1", 'a "b", c\nd')), `${header}1,,,,,PICTURE_NOT_SET,"a ""b"", c\nd"`);
  });

  for (const start of ["=", "@", "-", "\t", "\r"]) {
    it(`puts an apostrophe before a cell that starts with ${JSON.stringify(start)}`, () => {
      const cell = `${start}SUM(A1)`;
      assert.equal(csvOf(failed(cell, cell)), `${header}"'${cell}",,,,,PICTURE_NOT_SET,"'${cell}"`);
    });
  }

  it("leaves the plus of a phone number as it is", () => {
    assert.equal(csvOf(failed("+5511", "none")), `${header}+5511,,,,,PICTURE_NOT_SET,none`);
  });
});
