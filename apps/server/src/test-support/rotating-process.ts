import { readConfig } from "../config.ts";
import { rotateSecrets } from "../rotate-secrets.ts";

// A rotation in a process of its own, which a test can kill.
await rotateSecrets(readConfig(process.env));
