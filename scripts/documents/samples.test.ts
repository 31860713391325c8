import { describeSamples } from "../test-support/run-samples.ts";

// Those of the other pages take longer, and are run by samples.foreign.test.ts.
await describeSamples("README.md");
