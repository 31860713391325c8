import type { Operation } from "../operation.ts";

export const getContractYaml: Operation<"getContractYaml"> = (_input, { contract }) => ({
  status: 200,
  body: contract.yaml,
});
