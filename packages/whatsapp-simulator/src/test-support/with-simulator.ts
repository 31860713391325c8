import type { TestContext } from "vitest";
import { type Simulator, type SimulatorOptions, startSimulator } from "../simulator.ts";

/** A simulator that stops when the test ends. A client that breaks the protocol fails the test. */
export async function withSimulator(test: TestContext, options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  const errors: Error[] = [];
  simulator.events.on("error", (error) => errors.push(error));
  test.onTestFinished(async () => {
    await simulator.stop();
    if (errors.length > 0) throw new AggregateError(errors, "a client broke the protocol");
  });
  return simulator;
}
