import { it, type TestContext } from "vitest";
import { type Answer, at } from "./call.ts";
import type { FaultReport } from "./fault-report.ts";

/** Notes what happens in a test of a fault. */
export class FaultNotes {
  /** How often the fault was done. */
  times = 1;
  readonly #seen = new Set<string>();
  #ended: string | undefined;

  /** Notes what a caller was answered. @returns the same answer */
  answer(answer: Answer): Answer {
    const code = at(answer.body, "error_code");
    this.#seen.add(typeof code === "string" ? `${answer.status} ${code}` : `${answer.status}`);
    return answer;
  }

  /** Notes how it ended, from what the server itself says: the state of the device in a status of it. @returns the status */
  end(status: unknown, how = ""): unknown {
    const state = at(status, "state");
    this.ended(typeof state === "string" ? state : "no device", how);
    return status;
  }

  /** Notes how it ended. */
  ended(state: string, how = ""): void {
    this.#ended = how === "" ? state : `${state}, ${how}`;
  }

  report(area: string, what: string): FaultReport {
    if (this.#ended === undefined) throw new Error("the test does not say how it ended");
    return { area, what, seen: [...this.#seen].sort(), ended: this.#ended, times: this.times };
  }
}

/** Tests of faults of one kind. */
export type Fault = (what: string, survive: (test: TestContext, notes: FaultNotes) => Promise<void>) => void;

/**
 * @param area what the faults have in common
 * @returns how to test one: `what` is done to the server, and what it survives is noted by the test itself
 */
export function faultsOf(area: string): Fault {
  return (what, survive) => {
    // Alone it has to be understood, too.
    it(`${area}: ${what}`, async (test) => {
      const notes = new FaultNotes();
      await survive(test, notes);
      test.task.meta.faultReport = notes.report(area, what);
    });
  };
}
