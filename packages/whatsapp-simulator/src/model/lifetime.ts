/** A wait that took longer than it may. */
export class WaitTimeout extends Error {
  override readonly name = "WaitTimeout";
}

/** The simulator was stopped while something was still waited for. */
export class SimulatorStopped extends Error {
  override readonly name = "SimulatorStopped";
}

/** Owns every wait of one simulator, so that `stop()` leaves no timer and no promise behind. */
export class Lifetime {
  readonly #abandon = new Set<(error: Error) => void>();
  #ended = false;

  /**
   * Waits until `start`'s callback is called.
   * @param what completes the sentence "waited … ms for".
   * @param start subscribes and returns what undoes the subscription.
   * @throws WaitTimeout after so many milliseconds, SimulatorStopped when the simulator stops first.
   */
  wait<T>(
    what: string,
    milliseconds: number,
    start: (resolve: (value: T) => void, reject: (error: Error) => void) => () => void,
  ): Promise<T> {
    if (this.#ended) return Promise.reject(new SimulatorStopped(`stopped while waiting for ${what}`));
    return new Promise<T>((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.#abandon.delete(fail);
        undo();
        finish();
      };
      const fail = (error: Error) => settle(() => reject(error));
      const timer = setTimeout(
        () => fail(new WaitTimeout(`waited ${milliseconds} ms for ${what}`)),
        milliseconds,
      );
      this.#abandon.add(fail);
      let undo = () => {};
      undo = start((value) => settle(() => resolve(value)), fail);
    });
  }

  get isOver(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
    for (const abandon of [...this.#abandon]) abandon(new SimulatorStopped("the simulator was stopped"));
  }
}
