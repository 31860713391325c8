import { servedContracts } from "@wuts/contract";
import type { Operation } from "../operation.ts";

export const getContractYaml: Operation<"getContractYaml"> = ({ address }, { contract }) => ({
  status: 200,
  body: servedContracts.getContractYaml(contract, address),
});
