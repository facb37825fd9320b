import { type Call, type Outcome, run } from "./commands.ts";

/** What the page offers to whoever drives it. */
export interface IpfsPage {
  runHere(call: Call): Promise<Outcome>;
  runInWorker(call: Call): Promise<Outcome>;
}

function runInWorker(call: Call): Promise<Outcome> {
  const worker = new Worker("/worker.js", { type: "module" });
  return new Promise<Outcome>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Outcome>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`The worker failed: ${message}`));
    worker.postMessage(call);
  }).finally(() => worker.terminate());
}

Object.assign(globalThis, { runHere: run, runInWorker } satisfies IpfsPage);
