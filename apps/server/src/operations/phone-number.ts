import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { validationFailure } from "../kernel/failures.ts";

/** The result of reading a text as a phone number: its digits with the country code, or why it is none. */
export type ReadNumber =
  | { readonly digits: string; readonly problem?: undefined }
  | { readonly digits?: undefined; readonly problem: string };

/**
 * Reads a phone number as people write it. Drops the separators between digits, then a leading `+` or `00`, then the zero that
 * many countries dial in front of a number at home, as in `+44 (0) 7911 123456`. The zero stays where numbers begin with a zero
 * abroad, too, as in Italy. WhatsApp would report a wrongly written number as unregistered, so numbers that cannot be right are
 * rejected here.
 * @param text of at most 64 characters
 * @returns 7 to 15 digits (ITU-T E.164), or a description of a valid number
 */
export function readPhoneNumber(text: string): ReadNumber {
  const given = text.replaceAll(between, "").replace(/^(?:\+|00)/, "");
  if (!/^\d+$/.test(given)) return { problem: "must be a phone number with country code, as +5511999999999" };
  if (given.startsWith("0")) return { problem: "must begin with a country code instead of 0" };
  const isDoubtful = /^\d{1,3}0/.test(given) || given.length < surelyLongEnough;
  const known = isDoubtful ? parsePhoneNumberFromString(`+${given}`) : undefined;
  const code = known?.countryCallingCode;
  const beginsWithZero = code !== undefined && given.startsWith("0", code.length);
  const digits = known && beginsWithZero ? known.number.slice(1) : given;
  if (digits.startsWith("0", code?.length) && !known?.isValid())
    return { problem: `must leave out the 0 after the country code ${code}` };
  if (digits.length > most) return { problem: `must have at most ${most} digits, country code included` };
  if (digits.length < fewest || (digits.length < surelyLongEnough && !known?.isPossible()))
    return {
      problem:
        code === undefined
          ? "must begin with a country code"
          : `must have more digits: no number with the country code ${code} is so short`,
    };
  return { digits };
}

/**
 * @param field the field that contains the text
 * @returns the digits of a phone number
 * @throws Failure ValidationFailed
 */
export function phoneNumberIn(field: string, text: string): string {
  const { digits, problem } = readPhoneNumber(text);
  if (digits === undefined) throw validationFailure({ field, message: problem });
  return digits;
}

/**
 * Separators: spaces and dashes of all kinds, invisible marks, such as those for text direction, and other characters that
 * people put between digits.
 */
const between = /[\s\p{Z}\p{Cf}\p{Pd}\u2212\u30fc.()[\]/\uff0e\uff08\uff09\uff0f]/gu;

/** Some countries, such as Andorra, have shorter numbers; most shorter texts lack a country code. */
const surelyLongEnough = 10;

/** The length of numbers of Niue. */
const fewest = 7;

/** https://www.itu.int/rec/T-REC-E.164 */
const most = 15;
