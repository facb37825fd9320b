// A log that this device writes: opened, published, and granted to whom it should be.

import { formatLink, type KeyValueDatabase, openWriter, type Receipt, type Writer } from "@remote-log/core";
import type { GroupOptions } from "../options.ts";

/** Who should be able to read a log, and whether from its beginning. */
export type Audience = Map<string, { readonly history: boolean }>;

/** One of the logs of this device. */
export class OwnLog {
  readonly writer: Writer;
  /** The URIs at which others read it. */
  readonly uris: readonly string[];

  private constructor(writer: Writer, uris: readonly string[]) {
    this.writer = writer;
    this.uris = uris;
  }

  /** Opens it, or begins it. */
  static async open(
    seed: Uint8Array,
    journal: KeyValueDatabase,
    { remotes, sync }: Pick<GroupOptions<never>, "remotes" | "sync">,
  ): Promise<OwnLog> {
    const opened = (await remotes?.(seed)) ?? [];
    const writer = await openWriter({
      seed,
      journal,
      remotes: opened.map(({ remote }) => remote),
      publish: sync === "manual" ? "manual" : "auto",
    });
    return new OwnLog(
      writer,
      opened.map(({ uri }) => uri),
    );
  }

  /** Its id. */
  get id(): string {
    return this.writer.logId;
  }

  /** Its link, without a key. */
  get link(): string {
    return formatLink({ logId: this.id, remotes: this.uris });
  }

  /** How many entries no remote has published yet, of those that have one. */
  get waiting(): number {
    const { size, remotes } = this.writer.status();
    return size - Math.max(0, ...remotes.map(({ published }) => published));
  }

  /** Appends an entry; durable when it resolves. */
  append(content: Uint8Array, signal: AbortSignal | undefined): Promise<Receipt> {
    return this.writer.append(content, { signal });
  }

  /**
   * Names the readers that are missing, and shuts out those that are too many.
   *
   * @param before - called before somebody is shut out
   */
  async setAudience(
    audience: Audience,
    signal: AbortSignal | undefined,
    before: () => Promise<void> = async () => undefined,
  ): Promise<void> {
    const named = new Map(this.writer.readers.map((reader) => [reader.recipient, reader]));
    for (const history of [true, false]) {
      const missing = [...audience]
        .filter(([recipient, wanted]) => wanted.history === history && lacks(named.get(recipient), history))
        .map(([recipient]) => recipient);
      if (missing.length > 0) await this.writer.grant(missing, { withHistory: history, signal });
    }
    const strangers = [...named.keys()].filter((recipient) => !audience.has(recipient));
    if (strangers.length === 0) return;
    await before();
    await this.writer.revoke(strangers, { signal });
  }

  /** Publishes what waits, and what was granted. */
  async publish(signal: AbortSignal | undefined): Promise<void> {
    if (this.uris.length > 0) await this.writer.publish({ signal });
  }

  /** Closes it. */
  close(): Promise<void> {
    return this.writer.close();
  }
}

function lacks(reader: { readonly withHistory: boolean } | undefined, history: boolean): boolean {
  return reader === undefined || (history && !reader.withHistory);
}
