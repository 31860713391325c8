import { asOpenApi30, servedDocument } from "@wuts/contract";
import type { Operation } from "../operation.ts";

export const getContractOpenapi30: Operation<"getContractOpenapi30"> = ({ address }, { contract }) => ({
  status: 200,
  body: servedDocument(asOpenApi30(contract.document), address),
});
