import { isOldNode, requiredNode } from "../node-version.js";
import { type Finding, fail, ok } from "./finding.ts";

export function checkNode(): Finding {
  const { node } = process.versions;
  return isOldNode(node)
    ? fail(`${node} is too old: ${requiredNode} or newer is needed, npm ci brings it along`)
    : ok(node);
}
