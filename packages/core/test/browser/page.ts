import { type Call, type Outcome, run } from "./outcome.ts";

/** What the page offers to whoever drives it. */
export interface PageCommands {
  runHere(call: Call): Promise<Outcome>;
  runInWorker(call: Call): Promise<Outcome>;
}

let worker: Worker | undefined;

function runInWorker(call: Call): Promise<Outcome> {
  worker ??= new Worker("/worker.js", { type: "module" });
  const { port1: answers, port2: port } = new MessageChannel();
  return new Promise((resolve, reject) => {
    answers.onmessage = ({ data }: MessageEvent<Outcome>) => {
      answers.close();
      resolve(data);
    };
    worker!.onerror = ({ message }) => reject(new Error(`The worker failed: ${message}`));
    worker!.postMessage(call, [port]);
  });
}

Object.assign(globalThis, { runHere: run, runInWorker } satisfies PageCommands);
