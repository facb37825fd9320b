import { setTimeout as sleep } from "node:timers/promises";
import { isRemoteLogError, type MirrorResult, mirrorLog, StaleError } from "@remote-log/core";
import { describe, Interrupted } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { carryRecord, findIpnsSource, type IpnsSource, releaseHead, takesRecords } from "../ipns-record.ts";
import { parseLog } from "../log-place.ts";
import { MirrorMemory } from "../mirror-memory.ts";
import { counted } from "../plural.ts";
import type { OpenedTarget } from "../remote-kind.ts";
import { closeRemotes, openTarget, parseRemote } from "../remotes.ts";
import { type ReaderCommandOptions, type Reading, withReader } from "../with-reader.ts";

/** Options of `rlog mirror`. */
export interface MirrorCommandOptions extends ReaderCommandOptions {
  readonly to: string;
  readonly follow?: boolean;
  readonly whole?: boolean;
}

/** How often a newer record may come while the one before is carried. */
const TRIES = 3;
const POLL_SECONDS = 60;

/** Copies a log to another remote, with no key: everything that the newest verified state needs, and then the name. */
export async function mirror(
  invocation: Invocation,
  log: string,
  options: MirrorCommandOptions,
): Promise<void> {
  const place = parseLog(log, options.remote);
  const target = parseRemote(options.to);
  const { signal } = invocation;
  try {
    await withReader(invocation, place, options, async (reading) => {
      const source = findIpnsSource(reading.remotes);
      const to = await openTarget(target, source?.name);
      const memory = new MirrorMemory(reading.state, target.uri);
      try {
        await new Mirroring(invocation, { reading, source, to: { ...to, label: target.label }, memory }).run(
          options,
        );
      } finally {
        await closeRemotes([to]);
      }
    });
  } catch (error) {
    // To be ended is how a mirror ends that follows.
    if (options.follow !== true || !(signal.reason instanceof Interrupted)) throw error;
  }
}

class Mirroring {
  readonly #invocation: Invocation;
  readonly #reading: Reading;
  readonly #source: IpnsSource | undefined;
  readonly #to: OpenedTarget;
  readonly #memory: MirrorMemory;
  // The head with which a pass of this run was complete, its name included.
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

  async run({ follow, whole, poll = POLL_SECONDS }: MirrorCommandOptions): Promise<void> {
    const { signal } = this.#invocation;
    for (let first = true; ; first = false) {
      try {
        await this.#pass(first && whole === true);
      } catch (error) {
        if (follow !== true || signal.aborted || !passes(error)) throw error;
        await this.#invocation.warn(describe(error, false));
      }
      if (follow !== true) return;
      await sleep(poll * 1000, undefined, { signal });
    }
  }

  async #pass(whole: boolean): Promise<void> {
    for (let tries = 1; ; tries++) {
      const before = whole && tries === 1 ? undefined : await this.#memory.load();
      const result = await this.#copy(before);
      await this.#memory.save(result.head);
      if (this.#complete !== undefined && same(this.#complete, result.head)) return;
      const name = await this.#name(result);
      if (name !== undefined) {
        if (before !== undefined && !same(before, result.head)) {
          await releaseHead(this.#to, before, this.#invocation.signal);
        }
        this.#complete = result.head;
        await this.#invocation.out.write(`${this.#summary(result)}; ${name}\n`);
        return;
      }
      // The writer published meanwhile, so that there is more to copy; or one of the sources lags behind.
      if (tries === TRIES) {
        throw new StaleError(
          `The log is copied to ${this.#to.label}, but its IPNS name ${this.#source?.name} leads to another state than the ` +
            "newest one that was read. The name was not set there; try again later.",
          { operation: "mirror.name" },
        );
      }
    }
  }

  #copy(known: Uint8Array | undefined): Promise<MirrorResult> {
    const { signal } = this.#invocation;
    // Whoever holds the key of an IPNS name sets it; here its record is carried instead.
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

  /** What is to be said of the name; `undefined` where it can't be set yet. */
  async #name({ name, headAddress }: MirrorResult): Promise<string | undefined> {
    if (name === "updated") return "the name was set";
    if (name === "current") return "the name showed that already";
    if (name === "newer") return "the name shows a newer state, and was left as it is";
    if (this.#to.unnamed !== undefined) return this.#to.unnamed;
    if (this.#source === undefined || !takesRecords(this.#to.names)) {
      return "the name was not set there: the log has no IPNS name at its source";
    }
    const carried = await carryRecord(this.#source, this.#to.names, headAddress!, this.#invocation.signal);
    if (carried.status === "elsewhere") return undefined;
    if (carried.status === "newer") return "the name shows a newer state there, and was left as it is";
    const { sequence, expires } = carried.record;
    return `/ipns/${this.#source.name} was put there (number ${sequence}, until ${new Date(expires).toISOString()})`;
  }

  #summary({ size, contents, pages, nodes, bytes }: MirrorResult): string {
    const parts = [counted(contents, "content"), counted(pages, "page"), counted(nodes, "index node")];
    const stored = `stored ${parts.join(", ")}, ${counted(bytes, "byte")}`;
    return `mirrored ${counted(size, "entry", "entries")} to ${this.#to.label}: ${stored}`;
  }
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function passes(error: unknown): boolean {
  return isRemoteLogError(error) && (error.retry === "safe" || error.code === "ERR_NOT_FOUND");
}
