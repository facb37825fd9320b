import { availableParallelism, cpus, loadavg } from "node:os";

/** Where and when figures were taken. */
export interface RunDescription {
  /** The day. */
  readonly date: string;
  /** Version of Node. */
  readonly node: string;
  /** Processor cores. */
  readonly cores: number;
  /** Model of the processor, as the system tells it. */
  readonly processor: string;
  /** Average number of running processes in the last minute before: over 1 or so, times mean little. */
  readonly loadBefore: number;
}

/** Describes this machine and moment. */
export function describeRun(): RunDescription {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    loadBefore: loadavg()[0]!,
  };
}
