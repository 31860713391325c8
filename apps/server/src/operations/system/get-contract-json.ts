import type { Operation } from "../operation.ts";

export const getContractJson: Operation<"getContractJson"> = (_input, { contract }) => ({
  status: 200,
  body: contract.document,
});
