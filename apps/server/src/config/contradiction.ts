import { z } from "zod";

/**
 * Rejects a setting that contradicts another one, in the transformation of a group.
 * @param message continues after the name of the setting, and names the other one
 */
export function contradiction({ addIssue }: z.core.$RefinementCtx, setting: string, message: string): never {
  addIssue({ code: "custom", path: [setting], message, input: undefined, params: { [mark]: true } });
  return z.NEVER;
}

export function isContradiction(issue: z.core.$ZodIssue): boolean {
  return issue.code === "custom" && issue.params !== undefined && mark in issue.params;
}

const mark = "contradiction";
