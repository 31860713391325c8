import { describeFuzz } from "./fuzz-suite.ts";

describeFuzz(5_000);
