// A reader that follows the log while its remotes are in trouble, and believes nothing.

import { isRemoteLogError, openReader, type ReadKey, type Remote } from "@remote-log/core";
import { textOf } from "./contents.ts";

/** What a reader is opened with. */
export interface SoakReaderOptions {
  readonly name: string;
  readonly logId: string;
  readonly key: ReadKey | undefined;
  readonly remotes: readonly Remote[];
}

/** A reader, which reads again and again from where it is. */
export class SoakReader {
  readonly name: string;
  /** How many entries it has delivered. */
  delivered = 0;
  /** What ended its attempts, and how often. */
  readonly errors: Record<string, number> = {};
  /** What must never happen. */
  readonly wrong: string[] = [];
  readonly #options: SoakReaderOptions;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: SoakReaderOptions) {
    this.name = options.name;
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    const { logId, key, remotes } = this.#options;
    const reader = await openReader({ logId, remotes, ...(key && { key }) });
    while (!signal.aborted) {
      try {
        await reader.sync({ signal });
        for await (const { sequence, content } of reader.from(this.delivered, { signal })) {
          if (sequence !== this.delivered)
            this.wrong.push(`entry ${sequence} came in place of ${this.delivered}`);
          if (Buffer.from(content).toString() !== textOf(sequence))
            this.wrong.push(`entry ${sequence} has another content`);
          this.delivered = sequence + 1;
        }
      } catch (error) {
        if (signal.aborted) break;
        const code = isRemoteLogError(error) ? error.code : String(error);
        this.errors[code] = (this.errors[code] ?? 0) + 1;
        if (!isRemoteLogError(error) || code === "ERR_FORK") this.wrong.push(String(error));
      }
      await new Promise((next) => setTimeout(next, 250));
    }
    await reader.close();
  }
}
