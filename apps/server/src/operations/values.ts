/** A flag of the contract may be written as a boolean or as `0` and `1`. */
export function isTrue(flag: boolean | number): boolean {
  return flag === true || flag === 1;
}

/** @returns whole seconds from now until then, 0 if it is past */
export function secondsUntil(time: Date): number {
  return Math.max(0, Math.round((time.getTime() - Date.now()) / 1000));
}
