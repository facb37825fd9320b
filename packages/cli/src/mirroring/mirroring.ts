// The passes of `rlog mirror`: copy what is new, set or carry the name, and with `--follow` look again.

import { isRemoteLogError, type MirrorResult, mirrorLog, StaleError } from "@remote-log/core";
import { bytesEqual, delay } from "@remote-log/core/adapter";
import type { Reading } from "../reading/with-reader.ts";
import { type IpnsSource, takesRecords } from "../remotes/ipns-records.ts";
import type { OpenedTarget } from "../remotes/remote-kind.ts";
import { counted } from "../terminal/counted.ts";
import { describe } from "../terminal/describe-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { carryRecord, releaseHead } from "./carry-record.ts";
import type { MirrorMemory } from "./mirror-memory.ts";

/** Options of a run. */
export interface MirrorRunOptions {
  /** Whether to continue with what the writer publishes. Default: one pass. */
  readonly follow?: boolean;
  /** Whether the first pass copies everything again. Default: only what is new. */
  readonly whole?: boolean;
  /** With `follow`: seconds between two passes. Default 60. */
  readonly poll?: number;
}

/** The most passes for one state while newer records keep arriving. */
const TRIES = 3;
const POLL_SECONDS = 60;

/** The passes of one run of `rlog mirror`. */
export class Mirroring {
  readonly #invocation: Invocation;
  readonly #reading: Reading;
  readonly #source: IpnsSource | undefined;
  readonly #to: OpenedTarget;
  readonly #memory: MirrorMemory;
  // The head of the last pass of this run that was complete, including the name.
  #complete: Uint8Array | undefined;

  constructor(
    invocation: Invocation,
    parts: {
      readonly reading: Reading;
      readonly source: IpnsSource | undefined;
      readonly to: OpenedTarget;
      readonly memory: MirrorMemory;
    },
  ) {
    this.#invocation = invocation;
    this.#reading = parts.reading;
    this.#source = parts.source;
    this.#to = parts.to;
    this.#memory = parts.memory;
  }

  /**
   * Makes one pass, or with `follow` one pass after the other until the invocation ends.
   *
   * @throws StaleError `ERR_STALE` if the IPNS name of the source leads to another state than the one that was read
   */
  async run({ follow, whole, poll = POLL_SECONDS }: MirrorRunOptions): Promise<void> {
    const { signal } = this.#invocation;
    for (let first = true; ; first = false) {
      try {
        await this.#pass(first && whole === true);
      } catch (error) {
        if (follow !== true || signal.aborted || !passes(error)) throw error;
        await this.#invocation.warn(describe(error, false));
      }
      if (follow !== true) return;
      await delay(poll * 1000, signal);
    }
  }

  async #pass(whole: boolean): Promise<void> {
    for (let tries = 1; ; tries++) {
      const before = whole && tries === 1 ? undefined : await this.#memory.load();
      const result = await this.#copy(before);
      await this.#memory.save(result.head);
      if (this.#complete !== undefined && bytesEqual(this.#complete, result.head)) return;
      const name = await this.#name(result);
      if (name !== undefined) {
        if (before !== undefined && !bytesEqual(before, result.head)) {
          await releaseHead(this.#to, before, this.#invocation.signal);
        }
        this.#complete = result.head;
        await this.#invocation.out.write(`${this.#summary(result)}; ${name}\n`);
        return;
      }
      // Either the writer has published meanwhile and there is more to copy, or one of the sources lags behind.
      if (tries === TRIES) {
        throw new StaleError(
          `The log was copied to ${this.#to.label}, but its IPNS name ${this.#source?.name} leads to another state than the ` +
            "newest one that was read. The name was not set there. Try again later.",
          { operation: "mirror.name" },
        );
      }
    }
  }

  #copy(known: Uint8Array | undefined): Promise<MirrorResult> {
    const { signal } = this.#invocation;
    // Only the holder of its key can set an IPNS name, so its signed record is carried instead.
    const { storage, label } = this.#to;
    const ipns = takesRecords(this.#to.names);
    const to =
      ipns || this.#to.names === undefined ? { storage, ...(label !== undefined && { label }) } : this.#to;
    return this.#invocation.withProgress("mirror", (bar) =>
      mirrorLog({
        reader: this.#reading.reader,
        to,
        storeHead: to.names === undefined,
        signal,
        ...(known && { known }),
        onProgress: ({ entries, size }) => bar.update(entries, size),
      }),
    );
  }

  /** What to report about the name; `undefined` if it can't be set yet. */
  async #name({ name, headAddress }: MirrorResult): Promise<string | undefined> {
    if (name === "updated") return "the name was set";
    if (name === "current") return "the name already showed that";
    if (name === "newer") return "the name shows a newer state and was not changed";
    if (this.#to.unnamed !== undefined) return this.#to.unnamed;
    if (this.#source === undefined || !takesRecords(this.#to.names)) {
      return "the name was not set there: the log has no IPNS name at its source";
    }
    const carried = await carryRecord(this.#source, this.#to.names, headAddress!, this.#invocation.signal);
    if (carried.status === "elsewhere") return undefined;
    if (carried.status === "newer") return "the name shows a newer state there and was not changed";
    const { sequence, expires } = carried.record;
    return `/ipns/${this.#source.name} was put there (number ${sequence}, until ${new Date(expires).toISOString()})`;
  }

  #summary({ size, contents, pages, nodes, bytes }: MirrorResult): string {
    const parts = [counted(contents, "content"), counted(pages, "page"), counted(nodes, "index node")];
    const stored = `stored ${parts.join(", ")}, ${counted(bytes, "byte")}`;
    return `mirrored ${counted(size, "entry", "entries")} to ${this.#to.label}: ${stored}`;
  }
}

/** Whether a failure may pass by itself, so that a mirror that follows tries again. */
function passes(error: unknown): boolean {
  return isRemoteLogError(error) && (error.retry === "safe" || error.code === "ERR_NOT_FOUND");
}
