import { monitorEventLoopDelay } from "node:perf_hooks";

/** A metric of the process as it is now. */
export interface ProcessMetric {
  readonly name: string;
  readonly help: string;
  /** Whether it only ever grows. */
  readonly isTotal: boolean;
  read(): number;
}

/**
 * Collects the process's resource usage, under prom-client's names. Prom-client's own collector runs as long as the process
 * lives, even after the server has stopped.
 */
export class ProcessMetrics {
  readonly #delays = monitorEventLoopDelay({ resolution: 10 });

  readonly all: readonly ProcessMetric[] = [
    total("process_cpu_user_seconds_total", "CPU time of the program itself.", () => cpuSeconds().user),
    total("process_cpu_system_seconds_total", "CPU time of the system for it.", () => cpuSeconds().system),
    total("process_cpu_seconds_total", "CPU time of both.", () => cpuSeconds().user + cpuSeconds().system),
    level("process_start_time_seconds", "When the process started, since 1970.", () => startedAt),
    level("process_resident_memory_bytes", "Memory of the process.", () => process.memoryUsage().rss),
    level("nodejs_heap_size_total_bytes", "Heap.", () => process.memoryUsage().heapTotal),
    level("nodejs_heap_size_used_bytes", "Heap in use.", () => process.memoryUsage().heapUsed),
    level(
      "nodejs_external_memory_bytes",
      "Memory outside of the heap.",
      () => process.memoryUsage().external,
    ),
    this.#delay("mean", "The mean of", () => this.#delays.mean),
    this.#delay("max", "The longest of", () => this.#delays.max),
    this.#delay("p50", "The median of", () => this.#delays.percentile(50)),
    this.#delay("p90", "The 90th percentile of", () => this.#delays.percentile(90)),
    this.#delay("p99", "The 99th percentile of", () => this.#delays.percentile(99)),
  ];

  /** Starts to measure the event loop's delay. */
  start(): void {
    this.#delays.enable();
  }

  /** Begins a new window for mean, maximum and percentiles. */
  resetWindow(): void {
    this.#delays.reset();
  }

  stop(): void {
    this.#delays.disable();
  }

  #delay(part: string, help: string, readNanoseconds: () => number): ProcessMetric {
    const name = `nodejs_eventloop_lag_${part}_seconds`;
    // Before the first timer there is no value to take a mean of.
    const read = () => (this.#delays.count === 0 ? 0 : readNanoseconds() / 1e9);
    return level(name, `${help} how far apart timers of 10 ms were, since this was asked for last.`, read);
  }
}

const startedAt = Date.now() / 1000 - process.uptime();

function cpuSeconds(): NodeJS.CpuUsage {
  const { user, system } = process.cpuUsage();
  return { user: user / 1e6, system: system / 1e6 };
}

function total(name: string, help: string, read: () => number): ProcessMetric {
  return { name, help, isTotal: true, read };
}

function level(name: string, help: string, read: () => number): ProcessMetric {
  return { name, help, isTotal: false, read };
}
