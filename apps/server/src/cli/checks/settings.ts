import { oldNamesIn, unknownSettings } from "../../config/config.ts";
import type { Environment } from "../environment.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** @param problems a sentence for each setting that cannot be used */
export function checkSettings(environment: Environment, problems: Iterable<string>): Finding[] {
  const warnings = [...unknownSettings(environment), ...oldNamesIn(environment)];
  const findings = [...[...problems].map(fail), ...warnings.map(warn)];
  return findings.length > 0 ? findings : [ok("all can be used")];
}
