import { readFileSync } from "node:fs";

const { engines } = JSON.parse(readFileSync(new URL("../../../../package.json", import.meta.url), "utf8"));

/** The oldest Node that runs this server, such as `24.18`: `engines` of the repository's package.json. */
export const requiredNode = String(engines.node).replace(/^>=/, "");

/**
 * @param {string} version of Node, as in `process.versions.node`
 * @returns {boolean} whether this server does not run on it
 */
export function isOldNode(version, required = requiredNode) {
  const has = numbersOf(version);
  for (const [index, least] of numbersOf(required).entries()) {
    const number = has[index] ?? 0;
    if (number !== least) return number < least;
  }
  return false;
}

/** @param {string} version */
function numbersOf(version) {
  return version.split(".").map(Number);
}
