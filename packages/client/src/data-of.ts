import { unexpectedAnswer } from "./error.ts";

/** @returns the `data` of a success envelope. @throws WutsError when `body` is not one */
export function dataOf(response: Response, body: unknown): unknown {
  if (
    typeof body === "object" &&
    body !== null &&
    "success" in body &&
    body.success === true &&
    "data" in body
  ) {
    return body.data;
  }
  throw unexpectedAnswer(response, body);
}
