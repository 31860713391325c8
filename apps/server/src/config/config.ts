import type { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { isContradiction } from "./contradiction.ts";
import { type Environment, variablesSetIn } from "./environment.ts";
import { nameGiven, underNewNames } from "./renamed-settings.ts";
import { configuration } from "./settings.ts";

export { bodyLimitOf } from "./body-limit.ts";
export { ConfigError } from "./config-error.ts";
export { secretSettings } from "./environment.ts";
export { oldNamesIn, renamedSettings } from "./renamed-settings.ts";
export { settings } from "./settings.ts";
export { unknownSettings } from "./unknown-settings.ts";

/** The settings, parsed. Durations are in milliseconds, sizes in bytes. */
export interface Config extends Readonly<z.infer<typeof configuration>> {
  /** Whether `NODE_ENV` is `production`. */
  readonly production: boolean;
}

/**
 * Reads the settings out of an environment.
 *
 * An empty variable counts as not set.
 * @throws ConfigError naming every bad setting, or the first two that contradict each other
 */
export function readConfig(environment: Environment): Config {
  const variables = variablesSetIn(environment);
  const parsed = configuration.safeParse(underNewNames(variables));
  if (parsed.success) return { ...parsed.data, production: environment.NODE_ENV === "production" };
  const { issues } = parsed.error;
  const bad = issues.filter((issue) => !isContradiction(issue));
  const reported = bad.length > 0 ? bad : issues.slice(0, 1);
  // For a setting with several faults, the first one is reported.
  const problems = new Map(reported.toReversed().map(({ path, message }) => [String(path[0]), message]));
  const sentences = [...problems].map(([name, message]) => `${nameGiven(name, variables)} ${message}.`);
  throw new ConfigError(sentences.reverse().join("\n"));
}

/**
 * Reads the valid settings, with defaults in place of the others.
 * @returns the settings, and the invalid ones by name with a sentence that says what is wrong; two that contradict each other
 * have one sentence
 */
export function readUsableConfig(environment: Environment): {
  readonly config: Config;
  readonly problems: ReadonlyMap<string, string>;
} {
  const usable = { ...environment };
  const problems = new Map<string, string>();
  for (;;) {
    try {
      return { config: readConfig(usable), problems };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const named = error.message
        .split("\n")
        .flatMap((sentence) =>
          (sentence.match(/[A-Z]+_[A-Z_]+/g) ?? [])
            // A secret is called by its own name, even if it stands in a file.
            .flatMap((name) => [name, `${name}_FILE`])
            .map((name) => [name, sentence] as const),
        )
        .filter(([name]) => name in usable);
      if (named.length === 0) throw error;
      for (const [name, sentence] of named) {
        problems.set(name, sentence);
        delete usable[name];
      }
    }
  }
}
