import assert from "node:assert/strict";
import { contract } from "@wuts/contract";
import fc from "fast-check";
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js";
import examples from "libphonenumber-js/examples.mobile.json";
import { describe, it } from "vitest";
import { textAt } from "../test-support/call.ts";
import { readPhoneNumber } from "./phone-number.ts";

const pattern = new RegExp(textAt(contract, "components", "schemas", "WrittenPhoneNumber", "pattern"), "u");

/** A mobile number of each country that has an example, its country code apart. */
const ofCountries = getCountries().flatMap((country) => {
  const example = getExampleNumber(country, examples);
  return example ? [{ country, code: example.countryCallingCode, national: example.nationalNumber }] : [];
});

const characters = [
  ..."0123456789",
  "00",
  "+",
  " ",
  "-",
  ".",
  "(",
  ")",
  "\t",
  "\n",
  "x",
  ",",
  "\u00a0",
  "\u200e",
];
/** Texts that are close to being right, on either side. */
const nearlyNumber = fc
  .tuple(
    fc.constantFrom("", "+", "00"),
    fc.constantFrom(...ofCountries),
    fc.array(fc.tuple(fc.nat(20), fc.constantFrom(...characters)), { maxLength: 4 }),
  )
  .map(([prefix, { code, national }, more]) => {
    const text = [...`${prefix}${code}${national}`];
    for (const [place, character] of more) text.splice(place, 0, character);
    return text.join("");
  });

/** Every character of some kinds that Unicode has. */
function charactersOf(kinds: RegExp): string[] {
  return Array.from({ length: 0x11_0000 }, (_, point) => point)
    .filter((point) => point < 0xd800 || point > 0xdfff)
    .map((point) => String.fromCodePoint(point))
    .filter((character) => kinds.test(character));
}

describe("readPhoneNumber", () => {
  it("takes nothing that the contract does not take", () => {
    fc.assert(
      fc.property(fc.oneof(nearlyNumber, fc.string()), (text) => {
        const { digits } = readPhoneNumber(text);
        assert.ok(digits === undefined || pattern.test(text), JSON.stringify(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("answers 7 to 15 digits that begin with a country code, or says what would be right", () => {
    fc.assert(
      fc.property(fc.oneof(nearlyNumber, fc.string()), (text) => {
        const { digits, problem } = readPhoneNumber(text);
        if (digits === undefined) assert.match(problem, /^must /);
        else assert.match(digits, /^[1-9][0-9]{6,14}$/);
      }),
      { numRuns: 5_000 },
    );
  });

  it("finds the same digits however they are written", () => {
    const separators = fc.array(fc.constantFrom("", " ", "-", ".", "(", ")", ") ", "\u200b", " / "), {
      minLength: 16,
      maxLength: 16,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...ofCountries),
        fc.constantFrom("", "+", "00", "0 0", " (+", "\u202a+"),
        separators,
        ({ code, national }, prefix, between) => {
          const text = code + national;
          const written = [...text].map((digit, index) => `${digit}${between[index] ?? ""}`).join("");
          assert.deepEqual(readPhoneNumber(`${prefix}${written}`), { digits: text });
        },
      ),
    );
  });

  it("drops every space, every dash and every mark that is not seen", () => {
    const unseen = charactersOf(/[\p{Z}\p{Pd}\p{Cf}]/u);
    assert.ok(unseen.length > 100);
    for (const character of unseen) {
      const written = `${character}+55${character}11${character}99999${character}9999${character}`;
      assert.deepEqual(readPhoneNumber(written), { digits: "5511999999999" }, JSON.stringify(character));
    }
  });

  for (const [written, digits] of [
    ["+44 (0) 7911 123456", "447911123456"],
    ["0044 (0)7911/123456", "447911123456"],
    ["4407911123456", "447911123456"],
    ["+55 (011) 99999-9999", "5511999999999"],
    ["+49 [0] 1512 3456789", "4915123456789"],
    ["\u202a+55 11 99999\u20119999\u202c", "5511999999999"],
    ["+39 06 1234 5678", "390612345678"],
    ["+225 01 23 45 67 89", "2250123456789"],
    ["+52 1 55 1234 5678", "5215512345678"],
    ["+54 9 11 2345-6789", "5491123456789"],
    ["+376 312 345", "376312345"],
    ["+298 211234", "298211234"],
    ["+682 22 123", "68222123"],
  ] as const)
    it(`reads ${JSON.stringify(written)}`, () => {
      assert.deepEqual(readPhoneNumber(written), { digits });
    });

  for (const [written, problem] of [
    ["+974 055 12 3456", "must leave out the 0 after the country code 974"],
    ["+44 (00) 7911 12345", "must leave out the 0 after the country code 44"],
    ["07911 123456", "must begin with a country code instead of 0"],
    ["+351 9123", "must have more digits: no number with the country code 351 is so short"],
    ["999 123 45", "must begin with a country code"],
    ["+5511999999999999", "must have at most 15 digits, country code included"],
    ["5511999999999, 5511888888888", "must be a phone number with country code, as +5511999999999"],
    ["x", "must be a phone number with country code, as +5511999999999"],
    ["", "must be a phone number with country code, as +5511999999999"],
  ] as const)
    it(`says of ${JSON.stringify(written)} that it ${problem}`, () => {
      assert.deepEqual(readPhoneNumber(written), { problem });
    });

  it("never lets a zero that does not belong there pass, in any country", () => {
    for (const { country, code, national } of ofCountries) {
      const { digits, problem } = readPhoneNumber(`+${code} (0) ${national}`);
      if (digits === undefined) assert.match(problem, /^must /, country);
      // Where landlines begin with a zero, it may make one of a mobile number.
      else if (digits !== code + national)
        assert.ok(parsePhoneNumberFromString(`+${digits}`)?.isValid(), `${country}: ${digits}`);
    }
  });
});
