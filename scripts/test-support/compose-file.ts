import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const composeFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      build: z.string().optional(),
      environment: z.record(z.string(), z.string()).default({}),
      secrets: z.array(z.string()).default([]),
      ports: z.array(z.string()).default([]),
      read_only: z.boolean().optional(),
      cap_drop: z.array(z.string()).default([]),
      security_opt: z.array(z.string()).default([]),
      mem_limit: z.string().optional(),
      pids_limit: z.number().optional(),
      ulimits: z.record(z.string(), z.number()).default({}),
    }),
  ),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

/** `compose.yaml` of the repository at `root`: what of it is looked at here. Other kinds of secrets than files are refused. */
export async function readComposeFile(root: string): Promise<z.infer<typeof composeFile>> {
  return composeFile.parse(parse(await readFile(join(root, "compose.yaml"), "utf8")));
}
