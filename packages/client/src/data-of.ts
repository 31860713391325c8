import { unexpectedAnswer } from "./error.ts";

/** Takes the envelope off a success. @throws WutsError when `body` is none */
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
