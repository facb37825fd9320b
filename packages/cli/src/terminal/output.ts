// Standard output and standard error, written no faster than they are read.

import { once } from "node:events";
import { OutputClosed } from "../errors/command-error.ts";
import { terminalText } from "./terminal-text.ts";

/** What is known about a stream, and who wants to hear when it fails. */
interface Watch {
  failure: Error | undefined;
  readonly failed: Set<(reason: Error) => void>;
}

const watches = new WeakMap<NodeJS.WriteStream, Watch>();

// One listener for each stream, however many runs write to it. It stays: without a listener, a reader that goes away after
// the run would end the process with an uncaught error.
function watch(stream: NodeJS.WriteStream): Watch {
  const known = watches.get(stream);
  if (known !== undefined) return known;
  const made: Watch = { failure: undefined, failed: new Set() };
  watches.set(stream, made);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    const closed = error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED";
    made.failure ??= closed ? new OutputClosed("Nobody reads the output any more.") : error;
    for (const failed of made.failed) failed(made.failure);
  });
  return made;
}

/** Writes to a stream no faster than it is read, and notices when nobody reads it any more. */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  readonly #watch: Watch;
  readonly #failed: (reason: Error) => void;

  /**
   * @param stream - what to write to
   * @param failed - called when the stream can't be written to any more, until {@link Output.close}
   */
  constructor(stream: NodeJS.WriteStream, failed: (reason: Error) => void) {
    this.#stream = stream;
    this.#watch = watch(stream);
    this.#failed = failed;
    this.#watch.failed.add(failed);
  }

  /** Whether the stream is a terminal. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Writes, and waits while the reader of the stream is behind. A text is cleaned if it goes to a terminal. */
  async write(chunk: string | Uint8Array): Promise<void> {
    this.#throwIfFailed();
    if (this.#stream.write(this.#fit(chunk))) return;
    try {
      await once(this.#stream, "drain");
    } catch (error) {
      this.#throwIfFailed();
      throw error;
    }
  }

  /** Writes, and resolves when the operating system has taken the bytes. */
  async writeThrough(chunk: string | Uint8Array): Promise<void> {
    this.#throwIfFailed();
    await new Promise<void>((resolve) => {
      this.#stream.write(this.#fit(chunk), () => resolve());
    });
    this.#throwIfFailed();
  }

  #fit(chunk: string | Uint8Array): string | Uint8Array {
    return typeof chunk === "string" && this.isTerminal ? terminalText(chunk) : chunk;
  }

  /** Stops reporting failures. The stream stays open: it belongs to the process. */
  close(): void {
    this.#watch.failed.delete(this.#failed);
  }

  #throwIfFailed(): void {
    if (this.#watch.failure !== undefined) throw this.#watch.failure;
  }
}
