import { readFile } from "node:fs/promises";
import { contractYamlPath } from "@wuts/contract";
import type { Operation } from "../operation.ts";

export const getContractYaml: Operation<"getContractYaml"> = async () => ({
  status: 200,
  body: await readFile(contractYamlPath, "utf8"),
});
