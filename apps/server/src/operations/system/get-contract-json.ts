import { contract } from "@wuts/contract";
import type { Operation } from "../operation.ts";

export const getContractJson: Operation<"getContractJson"> = () => ({ status: 200, body: contract });
