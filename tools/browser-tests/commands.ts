/// <reference lib="dom" />

/** What tests ask a page or a worker to do, by name. What goes in and comes out is copied on its way. */
export type Commands = Readonly<Record<string, (...parameters: never[]) => Promise<unknown>>>;

/** Which command to run, on what. */
export interface Call {
  readonly name: PropertyKey;
  readonly parameters: readonly unknown[];
}

/** What became of a command: its value, or what an error says of itself, since errors don't travel whole. */
export type Outcome = { readonly value: unknown } | { readonly failure: Failure };

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: unknown;
  readonly remoteStack: string | undefined;
}

/** What a page offers to whoever drives it. */
export interface CommandPage {
  /** Runs a command in the page. */
  runHere(call: Call): Promise<Outcome>;
  /** Runs a command in a worker of its own, which ends with it. */
  runInWorker(call: Call): Promise<Outcome>;
}

/** For `page.ts` beside a test: lets whoever drives the page run these commands in it, and in `worker.ts`. */
export function offerInPage(commands: Commands): void {
  const runHere = (call: Call): Promise<Outcome> => run(commands, call);
  Object.assign(globalThis, { runHere, runInWorker } satisfies CommandPage);
}

/** For `worker.ts` beside a test: runs the commands that the page sends. */
export function offerInWorker(commands: Commands): void {
  globalThis.addEventListener("message", ({ data }: MessageEvent<Call>) => {
    void run(commands, data).then((outcome) => globalThis.postMessage(outcome));
  });
}

function runInWorker(call: Call): Promise<Outcome> {
  const worker = new Worker("/worker.js", { type: "module" });
  return new Promise<Outcome>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Outcome>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`The worker failed: ${message}`));
    worker.postMessage(call);
  }).finally(() => worker.terminate());
}

async function run(commands: Commands, { name, parameters }: Call): Promise<Outcome> {
  const command = (commands as Record<PropertyKey, (...parameters: readonly unknown[]) => Promise<unknown>>)[
    name
  ]!;
  try {
    return { value: await command(...parameters) };
  } catch (error) {
    const { name: kind, message, code, stack } = error as Error & { code?: unknown };
    return { failure: { name: kind, message, code, remoteStack: stack } };
  }
}
