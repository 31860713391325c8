/** The report of a fault's test; `npm run faults` writes docs/resilience.md from it. */
export interface FaultReport {
  /** What faults have in common. */
  readonly area: string;
  readonly what: string;
  /** The responses to callers meanwhile, each once: `503 DEVICE_NOT_READY`. */
  readonly seen: readonly string[];
  readonly ended: string;
  readonly times: number;
  /** How many stanzas one device has sent to WhatsApp in one minute, at the most; `undefined`: it is not known. */
  readonly stanzas: number | undefined;
}

declare module "vitest" {
  interface TaskMeta {
    faultReport?: FaultReport;
  }
}
