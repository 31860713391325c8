import { z } from "zod";

/**
 * Refuses a setting for what another one says, in the transformation of a group.
 * @param message goes on after the name of the setting, and names the other one
 */
export function contradiction({ addIssue }: z.core.$RefinementCtx, setting: string, message: string): never {
  addIssue({ code: "custom", path: [setting], message, input: undefined, params: { [mark]: true } });
  return z.NEVER;
}

export function isContradiction(issue: z.core.$ZodIssue): boolean {
  return issue.code === "custom" && issue.params !== undefined && mark in issue.params;
}

const mark = "contradiction";
