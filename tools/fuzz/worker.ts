// One of the threads of `pnpm fuzz`: runs every n-th input of every decoder.

import { parentPort, workerData } from "node:worker_threads";
import { readCorpus } from "./corpus.ts";
import { allDecoders } from "./decoders/all.ts";
import { inputsOf } from "./plan.ts";
import { runInputs, usualBounds } from "./run-inputs.ts";

/** What a thread is told. */
export interface Task {
  readonly root: string;
  readonly seed: number;
  readonly inputs: number;
  /** Which decoders; all if empty. */
  readonly only: readonly string[];
  readonly thread: number;
  readonly threads: number;
  /** Which input of which decoder the thread is at: two numbers for each thread. */
  readonly place: Int32Array;
}

const { root, seed, inputs, only, thread, threads, place } = workerData as Task;
const corpus = readCorpus(root);
const decoders = (await allDecoders(corpus)).filter(({ name }) => only.length === 0 || only.includes(name));
const counts = inputsOf(decoders, inputs);

for (const [at, decoder] of decoders.entries()) {
  Atomics.store(place, 2 * thread, at);
  const part = { seed, first: thread, end: counts[at]!, step: threads };
  const tally = await runInputs(decoder, corpus.get(decoder.name)!, part, usualBounds, (index) => {
    Atomics.store(place, 2 * thread + 1, index);
  });
  parentPort?.postMessage(tally);
}
