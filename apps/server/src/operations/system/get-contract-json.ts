import { servedContracts } from "@wuts/contract";
import type { Operation } from "../operation.ts";

export const getContractJson: Operation<"getContractJson"> = ({ address }, { contract }) => ({
  status: 200,
  body: servedContracts.getContractJson(contract, address),
});
