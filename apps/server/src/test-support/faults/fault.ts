import assert from "node:assert/strict";
import { it, type TestContext } from "vitest";
import { type Answer, at } from "../call.ts";
import type { FaultReport } from "./fault-report.ts";
import { mostStanzas, resetMeters } from "./stanza-meter.ts";

/** Notes what happens in a test of a fault. */
export class FaultNotes {
  /** How often the fault was done. */
  times = 1;
  /** How many stanzas one device has sent in one minute, at the most; `undefined`: it is not known. */
  stanzas: number | undefined;
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
    const { stanzas, times } = this;
    return { area, what, seen: [...this.#seen].sort(), ended: this.#ended, times, stanzas };
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
      resetMeters();
      await survive(test, notes);
      notes.stanzas ??= mostStanzas();
      const { stanzas = 0 } = notes;
      assert.ok(stanzas <= mostInAMinute, `a device has sent ${stanzas} stanzas in a minute`);
      test.task.meta.faultReport = notes.report(area, what);
    });
  };
}

/**
 * More than any device sends in a minute, whatever WhatsApp does: tests ask and connect again faster than people and devices do. One
 * that goes on as fast as it is answered sends as many in less than a second.
 */
export const mostInAMinute = 500;
