import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { validationFailure } from "../kernel/failures.ts";

/** What a text is as a phone number: its digits with the country code, or why it is none. */
export type ReadNumber =
  | { readonly digits: string; readonly problem?: undefined }
  | { readonly digits?: undefined; readonly problem: string };

/**
 * Reads a phone number as people write it: what stands between its digits is dropped, then a leading `+` or `00`, then the zero
 * that many countries dial in front of a number at home, as in `+44 (0) 7911 123456`. Where numbers begin with a zero abroad, too,
 * as in Italy, it stays. WhatsApp would answer a number that is written wrong as one that nobody has, so what cannot be right
 * is told.
 * @param text of at most 64 characters
 * @returns 7 to 15 digits (ITU-T E.164), or what would be right
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
 * @param field which has the text
 * @returns the digits of a phone number
 * @throws Failure ValidationFailed
 */
export function phoneNumberIn(field: string, text: string): string {
  const { digits, problem } = readPhoneNumber(text);
  if (digits === undefined) throw validationFailure({ field, message: problem });
  return digits;
}

/**
 * Spaces and dashes of all kinds, marks that are not seen, as those that say which way a text runs, and what else people put
 * between digits.
 */
const between = /[\s\p{Z}\p{Cf}\p{Pd}\u2212\u30fc.()[\]/\uff0e\uff08\uff09\uff0f]/gu;

/** Numbers of some countries have less, such as those of Andorra; most that have less lack a country code. */
const surelyLongEnough = 10;

/** Of Niue. */
const fewest = 7;

/** https://www.itu.int/rec/T-REC-E.164 */
const most = 15;
