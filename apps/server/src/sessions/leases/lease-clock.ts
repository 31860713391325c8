/**
 * A clock that never goes back, and goes on while this machine is suspended.
 *
 * `performance.now()` may stand still while a virtual machine is suspended, and the wall clock is set forward when it goes on.
 * Whoever sets the wall clock forward by hand looks the same from here, and whoever sets it back is not believed.
 */
export class LeaseClock {
  /** By how much the wall clock is ahead of the other one. */
  #lead = leadOfWallClock();
  #suspendedMs = 0;

  /** In milliseconds, since some moment. */
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

/** Wall clocks are in whole milliseconds, and are corrected a little all the time. Leases have more to spare. */
const noticedMs = 50;

function leadOfWallClock(): number {
  return Date.now() - performance.now();
}
