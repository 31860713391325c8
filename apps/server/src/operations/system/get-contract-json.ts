import { servedDocument } from "@wuts/contract";
import type { Operation } from "../operation.ts";

export const getContractJson: Operation<"getContractJson"> = ({ address }, { contract }) => ({
  status: 200,
  body: servedDocument(contract.document, address),
});
