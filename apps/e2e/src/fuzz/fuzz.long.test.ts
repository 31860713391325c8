import { describeFuzz } from "./fuzz-suite.ts";

describeFuzz(["server", "mock"], 5_000);
