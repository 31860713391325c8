/**
 * A clock that never goes back, and that continues while this machine is suspended.
 *
 * `performance.now()` may stand still while a virtual machine is suspended; the wall clock is set forward when the
 * machine resumes. A wall clock set forward by hand looks the same from here; a wall clock set back is ignored.
 */
export class LeaseClock {
  /** How far the wall clock is ahead of `performance.now()`. */
  #lead = leadOfWallClock();
  #suspendedMs = 0;

  /** Milliseconds since an arbitrary moment. */
  now(): number {
    const lead = leadOfWallClock();
    const change = lead - this.#lead;
    if (Math.abs(change) >= noticedMs) {
      this.#lead = lead;
      this.#suspendedMs += Math.max(0, change);
    }
    return performance.now() + this.#suspendedMs;
  }
}

/**
 * The smallest jump that counts. Wall clocks have whole milliseconds and are corrected a little all the time; leases have
 * more to spare.
 */
const noticedMs = 50;

function leadOfWallClock(): number {
  return Date.now() - performance.now();
}
