import { MemoryGauge } from "../costs/memory-gauge.ts";
import type { Usage } from "./report.ts";

/** Measures what a piece of work takes, without what was only for measuring. */
export class Meter {
  readonly #gauge = new MemoryGauge(() => 0);
  readonly #rssBefore = process.resourceUsage().maxRSS;
  readonly #start = performance.now();
  readonly #cpu = process.cpuUsage();
  #asideMilliseconds = 0;
  #asideMicroseconds = 0;

  /** Does what is not part of the work. */
  aside<T>(task: () => T): T {
    const start = performance.now();
    const cpu = process.cpuUsage();
    const result = task();
    const { user, system } = process.cpuUsage(cpu);
    this.#asideMilliseconds += performance.now() - start;
    this.#asideMicroseconds += user + system;
    return result;
  }

  /** Looks how much memory is held now. */
  sample(): void {
    this.aside(() => this.#gauge.sample());
  }

  /** What it took until now. */
  get usage(): Usage {
    const seconds = (performance.now() - this.#start - this.#asideMilliseconds) / 1000;
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      seconds,
      cpuSeconds: (user + system - this.#asideMicroseconds) / 1e6,
      heldMiB: this.#gauge.peakMiB,
      rssMiB: mebibytes(process.resourceUsage().maxRSS),
      rssBeforeMiB: mebibytes(this.#rssBefore),
    };
  }
}

function mebibytes(kibibytes: number): number {
  return Math.round((kibibytes / 1024) * 10) / 10;
}
