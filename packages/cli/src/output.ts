import { once } from "node:events";
import { OutputClosed } from "./failure.ts";

/** Writes to a stream no faster than it is read, and notices when nobody reads any more. */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #failure: Error | undefined;

  /** @param failed - called when the stream can't be written any more */
  constructor(stream: NodeJS.WriteStream, failed: (reason: Error) => void) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      const closed = error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED";
      this.#failure ??= closed ? new OutputClosed("Nobody reads the output any more.") : error;
      failed(this.#failure);
    });
  }

  /** Whether a person looks at it. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Writes, and waits while the reader of the stream is behind. */
  async write(chunk: string | Uint8Array): Promise<void> {
    this.#throwIfFailed();
    if (this.#stream.write(chunk)) return;
    try {
      await once(this.#stream, "drain");
    } catch (error) {
      this.#throwIfFailed();
      throw error;
    }
  }

  /** Writes, and resolves when the system has taken it. */
  async writeThrough(chunk: string | Uint8Array): Promise<void> {
    this.#throwIfFailed();
    await new Promise<void>((resolve) => {
      this.#stream.write(chunk, () => resolve());
    });
    this.#throwIfFailed();
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
