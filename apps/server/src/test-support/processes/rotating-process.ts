import { rotateSecrets } from "../../app/rotate-secrets.ts";
import { readConfig } from "../../config/config.ts";

// A rotation in a process of its own, which a test can kill.
await rotateSecrets(readConfig(process.env));
