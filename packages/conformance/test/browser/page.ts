import type { ReportJson } from "@remote-log/conformance";
import { runStoreSuite } from "./run-store-suite.ts";
import { runSuite } from "./run-suite.ts";

/** What the page offers to whoever drives it. */
export interface SuitePage {
  runHere(seed: number): Promise<ReportJson>;
  runInWorker(seed: number): Promise<ReportJson>;
  runStoreSuite(): Promise<readonly string[]>;
}

function runInWorker(seed: number): Promise<ReportJson> {
  const worker = new Worker("/worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ReportJson>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`The worker failed: ${message}`));
    worker.postMessage(seed);
  });
}

Object.assign(globalThis, { runHere: runSuite, runInWorker, runStoreSuite } satisfies SuitePage);
