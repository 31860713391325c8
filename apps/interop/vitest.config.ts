import { vitestConfig } from "@wuts/testing/vitest";

export default vitestConfig();
