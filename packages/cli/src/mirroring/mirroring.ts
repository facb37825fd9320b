// The passes of `rlog mirror`: copy what is new, set or carry the name, and with `--follow` look again.

import {
  isRemoteLogError,
  type MirrorPart,
  type MirrorResult,
  mirrorLog,
  StaleError,
} from "@remote-log/core";
import { bytesEqual, delay } from "@remote-log/core/adapter";
import type { Cosigner } from "@remote-log/core/cosign";
import { codeOf } from "../errors/command-error.ts";
import type { Reading } from "../reading/with-reader.ts";
import { type IpnsSource, takesRecords } from "../remotes/ipns-records.ts";
import type { OpenedTarget } from "../remotes/remote-kind.ts";
import { describe } from "../terminal/describe-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { carryRecord, releaseHead } from "./carry-record.ts";
import type { MirrorMemory } from "./mirror-memory.ts";
import { incomplete, jsonOf, missingLines, type NameReport, summaryOf } from "./mirror-report.ts";

/** Options of a run. */
export interface MirrorRunOptions {
  /** Whether to continue with what the writer publishes. Default: one pass. */
  readonly follow?: boolean;
  /** Whether to print one JSON object for each pass. Default: a line. */
  readonly json?: boolean;
  /** Whether the first pass copies everything again. Default: only what is new. */
  readonly whole?: boolean;
  /** Whether the copy has bundles that the source does not have. Default: no others. */
  readonly bundles?: boolean;
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
  readonly #cosigner: Cosigner | undefined;
  readonly #onCosigned: (note: string) => Promise<void>;
  // The last pass of this run that came to its end, including the name.
  /** What the name holds behind the head: the id of the remote that the writer publishes to. */
  #besideHead: Uint8Array = new Uint8Array(0);
  #done: MirrorResult | undefined;

  constructor(
    invocation: Invocation,
    parts: {
      readonly reading: Reading;
      readonly source: IpnsSource | undefined;
      readonly to: OpenedTarget;
      readonly memory: MirrorMemory;
      /** Signs that the target keeps the log. */
      readonly cosigner?: Cosigner | undefined;
      /** Gets the checkpoint of each pass with its signature. */
      readonly onCosigned?: (note: string) => Promise<void>;
    },
  ) {
    this.#invocation = invocation;
    this.#reading = parts.reading;
    this.#source = parts.source;
    this.#to = parts.to;
    this.#memory = parts.memory;
    this.#cosigner = parts.cosigner;
    this.#onCosigned = parts.onCosigned ?? (async () => undefined);
  }

  /**
   * Makes one pass, or with `follow` one pass after the other until the invocation ends.
   *
   * @throws StaleError `ERR_STALE` if the IPNS name of the source leads to another state than the one that was read
   * @throws CommandError `ERR_INCOMPLETE` if no source could show some of the entries, unless it follows
   */
  async run({ follow, whole, bundles = false, json, poll = POLL_SECONDS }: MirrorRunOptions): Promise<void> {
    const { signal } = this.#invocation;
    for (let first = true; ; first = false) {
      try {
        const result = await this.#pass({ whole: first && whole === true, bundles, json: json === true });
        if (follow !== true && result.missingEntries > 0) throw incomplete(result, this.#label);
      } catch (error) {
        if (follow !== true || signal.aborted || !passes(error)) throw error;
        await this.#invocation.warn(describe(error, false));
      }
      if (follow !== true) return;
      await delay(poll * 1000, signal);
    }
  }

  async #pass({
    whole,
    bundles,
    json,
  }: Readonly<Record<"whole" | "bundles" | "json", boolean>>): Promise<MirrorResult> {
    for (let tries = 1; ; tries++) {
      const again = whole && tries === 1;
      const before = again ? undefined : await this.#memory.load();
      // What an earlier run, which was interrupted, has stored already is there.
      const resume = !again && (this.#memory.isKept || tries > 1);
      const part = again ? undefined : await this.#memory.loadPart();
      const readBack = before?.readBack === true ? before.head : undefined;
      const known = part ?? (before && { known: before.head, missing: before.missing });
      const result = await this.#copy(known, { resume, bundles, readBack });
      await this.#memory.save({ ...result, readBack: result.cosigned !== undefined });
      if (result.cosigned !== undefined) await this.#onCosigned(result.cosigned.note);
      if (this.#done !== undefined && isSame(this.#done, result)) return result;
      const name = await this.#name(result);
      if (name !== undefined) {
        if (before !== undefined && name.status !== "unset" && !bytesEqual(before.head, result.head)) {
          await this.#release(before.head);
        }
        this.#done = result;
        await this.#report(result, name, json);
        return result;
      }
      // Either the writer has published meanwhile and there is more to copy, or one of the sources lags behind.
      if (tries === TRIES) {
        throw new StaleError(
          `The log was copied to ${this.#label}, but its IPNS name ${this.#source?.name} leads to another state than the ` +
            "newest one that was read. The name was not set there. Try again later.",
          { operation: "mirror.name" },
        );
      }
    }
  }

  // Both forms in which it was stored: as it is, and as the carried record leads to it.
  async #release(head: Uint8Array): Promise<void> {
    const { signal } = this.#invocation;
    await releaseHead(this.#to, head, signal);
    if (this.#besideHead.length > 0) {
      await releaseHead(this.#to, Uint8Array.of(...head, ...this.#besideHead), signal);
    }
  }

  get #label(): string {
    return this.#to.label ?? this.#to.storage.name;
  }

  async #report(result: MirrorResult, name: NameReport, json: boolean): Promise<void> {
    const { out } = this.#invocation;
    const summary = summaryOf(result, this.#label, name);
    if (json) await out.write(`${jsonOf(result, this.#reading.reader.logId, this.#label, name)}\n`);
    else if (result.missingEntries === 0) await out.write(`${summary}\n`);
    if (result.missingEntries === 0) return;
    await this.#invocation.warn(`rlog: ${summary}`);
    for (const line of missingLines(result)) await this.#invocation.warn(line);
  }

  async #copy(
    known: MirrorPart | undefined,
    how: { readonly resume: boolean; readonly bundles: boolean; readonly readBack: Uint8Array | undefined },
  ): Promise<MirrorResult> {
    const { resume, bundles, readBack } = how;
    const { signal } = this.#invocation;
    // Only the holder of its key can set an IPNS name, so its signed record is carried instead.
    const { storage, label } = this.#to;
    const ipns = takesRecords(this.#to.names);
    const to =
      ipns || this.#to.names === undefined ? { storage, ...(label !== undefined && { label }) } : this.#to;
    try {
      return await this.#invocation.withProgress("mirror", (bar) =>
        mirrorLog({
          reader: this.#reading.reader,
          to,
          storeHead: to.names === undefined,
          resume,
          bundles: bundles ? "made" : "copied",
          signal,
          ...known,
          ...(this.#cosigner && { cosign: { by: this.#cosigner, readBack } }),
          onProgress: ({ entries, size, soFar }) => {
            bar.update(entries, size);
            if (soFar !== undefined) this.#memory.notePart(soFar);
          },
          onRetry: this.#reading.onRetry,
        }),
      );
    } finally {
      await this.#memory.settled();
    }
  }

  /** What to report about the name; `undefined` if it can't be set yet. */
  async #name({ name, head, missing }: MirrorResult): Promise<NameReport | undefined> {
    if (name === "updated") return { status: name, text: "the name was set" };
    if (name === "current") return { status: name, text: "the name already showed that" };
    if (name === "newer") return { status: name, text: "the name shows a newer state and was not changed" };
    if (this.#to.unnamed !== undefined) return { status: "unset", text: this.#to.unnamed };
    if (this.#source === undefined || !takesRecords(this.#to.names)) {
      return { status: "unset", text: "the name was not set there: the log has no IPNS name at its source" };
    }
    // The record leads to one tree as it is. What its writer has removed will never be there.
    if (missing.some(({ error }) => codeOf(error) !== "ERR_REMOVED")) {
      return { status: "unset", text: "the name was not set there: what it leads to is not complete" };
    }
    const to = { storage: this.#to.storage, names: this.#to.names };
    const carried = await carryRecord(this.#source, to, head, this.#invocation.signal);
    if (carried.status === "elsewhere") return undefined;
    if (carried.status === "newer") {
      return { status: "newer", text: "the name shows a newer state there and was not changed" };
    }
    this.#besideHead = carried.content.subarray(head.length);
    const { sequence, expires } = carried.record;
    const until = new Date(expires).toISOString();
    const text = `/ipns/${this.#source.name} was put there (number ${sequence}, until ${until})`;
    return { status: "carried", text };
  }
}

function isSame(before: MirrorResult, after: MirrorResult): boolean {
  return bytesEqual(before.head, after.head) && before.missingEntries === after.missingEntries;
}

/** Whether a failure may pass by itself, so that a mirror that follows tries again. */
function passes(error: unknown): boolean {
  return isRemoteLogError(error) && (error.retry !== "never" || error.code === "ERR_NOT_FOUND");
}
