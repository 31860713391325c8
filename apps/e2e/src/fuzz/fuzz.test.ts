import { describeFuzz } from "./fuzz-suite.ts";

describeFuzz(["server"], 500);
