import { serve } from "./cli/serve.ts";
import { whyItDidNotStart } from "./process.ts";

try {
  await serve(process.env);
} catch (error) {
  process.stderr.write(`${whyItDidNotStart(error)}\n`);
  process.exit(1);
}
