import { vitestConfig } from "./src/vitest.ts";

export default vitestConfig();
