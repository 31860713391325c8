import { type Simulator, type SimulatorEventMap, stanzaKinds } from "@wuts/whatsapp-simulator";

/** Those that count now. Of one file at a time: the files of a worker run one after the other. */
const counting = new Set<StanzaMeter>();

/** Counts what each device sends to a simulated WhatsApp, pings, receipts and acknowledgements too. */
export class StanzaMeter {
  readonly #simulator: Simulator;
  /** When they came, by device. What is sent by those that are not paired yet is taken for one device's. */
  readonly #times = new Map<string, number[]>();
  /** How many of each kind, by device. */
  readonly #kinds = new Map<string, Record<string, number>>();
  readonly #note = ({ connection, stanza }: SimulatorEventMap["stanza"][0]) => {
    const { phone, deviceId } = connection;
    const device = phone === undefined ? "pairing" : `${phone}:${deviceId}`;
    const times = this.#times.get(device) ?? [];
    const kinds = this.#kinds.get(device) ?? {};
    this.#times.set(device, times);
    this.#kinds.set(device, kinds);
    times.push(performance.now());
    const [kind = ""] = stanzaKinds(stanza);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  };

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    simulator.events.on("stanza", this.#note);
    counting.add(this);
  }

  reset(): void {
    this.#times.clear();
    this.#kinds.clear();
  }

  /**
   * @param phone whose devices count, all by default
   * @returns how many stanzas one device has sent in one minute, at the most; all of them when they took less than that
   */
  most(phone = ""): number {
    const ofPhone = [...this.#times].filter(([device]) => device.startsWith(phone));
    return Math.max(0, ...ofPhone.map(([, times]) => mostInAMinute(times)));
  }

  /** @returns how many of each kind, for a failing test to print */
  kinds(phone: string): Record<string, number>[] {
    return [...this.#kinds].filter(([device]) => device.startsWith(phone)).map(([, kinds]) => kinds);
  }

  end(): void {
    this.#simulator.events.off("stanza", this.#note);
    counting.delete(this);
  }
}

/** Resets the counters of every simulated WhatsApp. */
export function resetMeters(): void {
  for (const meter of counting) meter.reset();
}

/** @returns as `most`, of every simulated WhatsApp that there is; `undefined` when there is none */
export function mostStanzas(): number | undefined {
  return counting.size === 0 ? undefined : Math.max(...[...counting].map((meter) => meter.most()));
}

/** @param times in order */
function mostInAMinute(times: readonly number[]): number {
  let [most, first] = [0, 0];
  for (const [index, time] of times.entries()) {
    while (time - (times[first] ?? time) >= 60_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
