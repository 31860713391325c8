/** An instruction of a Dockerfile: `RUN`, and what it is given. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** @returns the instructions of each stage, its `FROM` first; comments and line ends within an instruction are gone */
export function stagesOf(dockerfile: string): Instruction[][] {
  const lines = dockerfile
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [, name = "", text = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`no instruction: ${line}`);
    if (name === "FROM") stages.push([]);
    stages.at(-1)?.push({ name, text });
  }
  return stages;
}

/** @returns what the only instruction of this name in a stage is given */
export function textOf(stage: readonly Instruction[], name: string): string {
  const [found, ...others] = stage.filter((instruction) => instruction.name === name);
  if (!found || others.length > 0) throw new Error(`not one ${name}`);
  return found.text;
}

/** @returns a command in the form that starts no shell, the `CMD` of a `HEALTHCHECK` included */
export function commandIn(text: string): [string, ...string[]] {
  const list: unknown = JSON.parse(text.slice(text.indexOf("[")));
  if (!Array.isArray(list) || !list.every((part) => typeof part === "string")) throw new Error(text);
  const [program = "", ...args] = list;
  return [program, ...args];
}

/** @returns the variables of an `ENV`, whose values have no spaces */
export function variablesIn(text: string): Record<string, string> {
  return Object.fromEntries(text.split(/\s+/).map((pair) => pair.split("=")));
}
