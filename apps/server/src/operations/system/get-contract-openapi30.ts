import { servedContracts } from "@wuts/contract";
import type { Operation } from "../operation.ts";

export const getContractOpenapi30: Operation<"getContractOpenapi30"> = ({ address }, { contract }) => ({
  status: 200,
  body: servedContracts.getContractOpenapi30(contract, address),
});
