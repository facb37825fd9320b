import { Readable, Writable } from "node:stream";
import { runRlog } from "../src/program/program.ts";

/** What a run of `rlog` did. */
export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What a run of `rlog` finds around it. */
export interface Surroundings {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly input: string | Uint8Array | undefined;
  /** Whether the output goes to a terminal. */
  readonly terminal?: boolean;
}

// Folder, environment and streams are those of the process, so there is one run at a time.
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `rlog` to its end within this process: starting a process takes longer than most commands do. What a run leaves
 * to the end of its process (open connections, say) is left here too.
 */
export function runInProcess(words: readonly string[], surroundings: Surroundings): Promise<Run> {
  const run = last.then(() => runAlone(words, surroundings));
  last = run.catch(() => undefined);
  return run;
}

async function runAlone(
  words: readonly string[],
  { folder, env, input, terminal = false }: Surroundings,
): Promise<Run> {
  const [stdout, stderr] = [new Written(terminal), new Written(terminal)];
  const stdin = Readable.from(input === undefined ? [] : [Buffer.from(input)]);
  const streams = { stdin, stdout, stderr };
  const before = {
    streams: Object.getOwnPropertyDescriptors(process),
    env: process.env,
    folder: process.cwd(),
  };
  for (const [name, value] of Object.entries(streams)) {
    Object.defineProperty(process, name, { configurable: true, enumerable: true, value });
  }
  process.env = env;
  process.chdir(folder);
  try {
    const code = await runRlog(words);
    return { code, out: stdout.text, err: stderr.text };
  } finally {
    process.chdir(before.folder);
    process.env = before.env;
    for (const name of ["stdin", "stdout", "stderr"] as const) {
      Object.defineProperty(process, name, before.streams[name]);
    }
  }
}

/** A stream that keeps what is written to it. */
class Written extends Writable {
  readonly #chunks: Buffer[] = [];
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
