import { StartRefused } from "../kernel/start-refused.ts";

/** Settings have invalid values. The message has a line for each problem, a sentence that names the setting. */
export class ConfigError extends StartRefused {
  override readonly name = "ConfigError";
}
