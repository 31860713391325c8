/**
 * The server, loaded and ready: it starts on a message from its parent process, and ends when the parent disconnects.
 */

import { whyItDidNotStart } from "../../app/process.ts";
import { serve } from "../../cli/serve.ts";

process.once("disconnect", () => process.exit());
process.once("message", () => {
  serve(process.env).catch((error: unknown) => {
    process.stderr.write(`${whyItDidNotStart(error)}\n`);
    process.exit(1);
  });
});
