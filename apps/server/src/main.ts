import { whyItDidNotStart } from "./app/process.ts";
import { isOldNode, requiredNode } from "./cli/node-version.js";

const { node } = process.versions;
if (isOldNode(node)) {
  process.stderr.write(
    `WUTS needs Node ${requiredNode} or newer, and this is ${node}: start it with npm start, which takes the one that npm ci brought.\n`,
  );
  process.exit(1);
}
try {
  // Loaded here, since an older Node may not have what it imports.
  const { serve } = await import("./cli/serve.ts");
  await serve(process.env);
} catch (error) {
  process.stderr.write(`${whyItDidNotStart(error)}\n`);
  process.exit(1);
}
