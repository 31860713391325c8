#!/usr/bin/env node
// Plain JavaScript: a Node that cannot read the rest has to be able to say so.
import { isOldNode, requiredNode } from "./node-version.js";

const { node } = process.versions;
if (isOldNode(node)) {
  process.stderr.write(
    `wuts needs Node ${requiredNode} or newer, and this is ${node}: run it with npx, which takes the one that npm ci brought.\n`,
  );
  process.exitCode = 1;
} else {
  await import("./main.ts");
}
