import { servedYaml } from "@wuts/contract";
import type { Operation } from "../operation.ts";

export const getContractYaml: Operation<"getContractYaml"> = ({ address }, { contract }) => ({
  status: 200,
  body: servedYaml(contract.yaml, address),
});
