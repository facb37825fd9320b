import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Looked, Read, Written } from "./report.ts";

/** Where a log is published. */
export type Place =
  | { readonly kind: "fs"; readonly root: string }
  | {
      readonly kind: "s3";
      readonly endpoint: string;
      readonly region: string;
      readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
      readonly bucket: string;
    };

/** What is to be measured, in a process of its own. */
export interface Job {
  readonly step: "write" | "read" | "look";
  readonly place: Place;
  /** Where the journal goes. */
  readonly folder: string;
  readonly length: number;
  readonly payloadBytes: number;
  /** Entries appended together. */
  readonly batch: number;
  /** Entries published together. */
  readonly publish: number;
  /** The log, once it is written. */
  readonly logId?: string;
}

/** What each step finds. */
interface Results {
  readonly write: Written;
  readonly read: Read;
  readonly look: Looked;
}

/** Does one step in a process of its own, so that its memory and processor time are nobody else's. */
export function measureApart<Step extends Job["step"]>(
  job: Job & { readonly step: Step },
): Promise<Results[Step]> {
  const program = fileURLToPath(new URL("./step.js", import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(program, { execArgv: ["--no-warnings"] });
    child.once("error", reject);
    child.once("message", (result) => resolve(result as Results[Step]));
    child.once("exit", (code) =>
      reject(new Error(`The process that was to ${job.step} ended with ${code}.`)),
    );
    child.send(job);
  });
}
