// One log: mirrored again and again into a folder, and what is served of it.

import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  checkpointOrigin,
  hasCode,
  type MirrorResult,
  mirrorLog,
  openReader,
  QuotaExhaustedError,
  type Reader,
  type Remote,
} from "@remote-log/core";
import { anySignal, delay, throwIfAborted } from "@remote-log/core/adapter";
import type { Cosigner } from "@remote-log/core/cosign";
import { staticRemote } from "@remote-log/fs";
import { type Lanes, TookTooLong } from "./lanes.ts";
import { LeafFile } from "./leaves.ts";
import {
  type FullLimits,
  limitsOf,
  type ServedLogOptions,
  type ServeEvent,
  type ServeOptions,
} from "./options.ts";
import { ByteQuota, bytesIn, RequestQuota } from "./quota.ts";

const POLL_MILLISECONDS = 60_000;

/** What is served of a log at one time. */
export interface Served {
  /** The checkpoint, with the signatures that the copy has. */
  readonly note: string;
  /** Number of entries. */
  readonly size: number;
  /** The key of the log that signs now. */
  readonly logKey: Uint8Array;
}

/** What a log counts for metrics. */
export interface LogCounts {
  readonly passes: Record<ServeEvent["kind"], number>;
  /** Seconds since 1970 of the last pass that succeeded. */
  mirroredAt: number;
  missing: number;
  readonly requests: Map<number, number>;
  readonly chores: Map<string, boolean>;
}

/** What the logs of a server share. */
export interface LogParts {
  readonly options: ServeOptions;
  readonly lanes: Lanes;
}

/** A log that is mirrored and served. */
export class ServedLog {
  readonly logId: string;
  /** The SHA-256 of the origin of its checkpoints, in hexadecimal digits: its name in the tiles of C2SP tlog-mirror. */
  readonly originHash: string;
  readonly origin: string;
  /** Where the copy is. */
  readonly folder: string;
  readonly limits: FullLimits;
  readonly requests: RequestQuota;
  readonly counts: LogCounts = {
    passes: { mirrored: 0, incomplete: 0, "over-quota": 0, failed: 0, "chore-failed": 0, slow: 0 },
    mirroredAt: 0,
    missing: 0,
    requests: new Map(),
    chores: new Map(),
  };
  readonly #own: ServedLogOptions;
  readonly #parts: LogParts;
  readonly #bytes: ByteQuota;
  readonly #leaves: LeafFile;
  readonly #local: Reader;
  #served: Served | undefined;
  #last: MirrorResult | undefined;
  #isSlow = false;
  #nudge: AbortController | undefined;

  private constructor(
    own: ServedLogOptions,
    parts: LogParts,
    state: {
      readonly folder: string;
      readonly used: number;
      readonly leaves: LeafFile;
      readonly local: Reader;
      readonly limits: FullLimits;
    },
  ) {
    this.logId = own.logId;
    this.origin = checkpointOrigin(own.logId);
    this.originHash = createHash("sha256").update(this.origin).digest("hex");
    this.folder = state.folder;
    this.limits = state.limits;
    this.requests = new RequestQuota(state.limits.requestsPerMinute);
    this.#own = own;
    this.#parts = parts;
    this.#bytes = new ByteQuota(state.limits.bytes, state.used);
    this.#leaves = state.leaves;
    this.#local = state.local;
  }

  /** Opens a log, and serves what is there of it from before. */
  static async open(own: ServedLogOptions, parts: LogParts, signal: AbortSignal): Promise<ServedLog> {
    const { options } = parts;
    const folder = join(options.folder, own.logId);
    await mkdir(folder, { recursive: true });
    const limits = limitsOf(own.limits, options.limits);
    const used = await bytesIn(join(folder, "contents"));
    const leaves = await LeafFile.open(join(folder, "leaves"));
    const remote = staticRemote({ root: folder, label: "copy" });
    const local = await openReader({ logId: own.logId, remotes: [remote], withoutKey: "sealed", retries: 0 });
    const log = new ServedLog(own, parts, { folder, used, leaves, local, limits });
    await log.#serveCopy(signal).catch((error: unknown) => log.#tell("failed", error));
    return log;
  }

  /** What is served; `undefined` if nothing was mirrored yet. */
  get served(): Served | undefined {
    return this.#served;
  }

  /** How many bytes are kept. */
  get bytes(): number {
    return this.#bytes.used;
  }

  /** The leaves of what is served. */
  get leaves(): Pick<LeafFile, "tile" | "leaves"> {
    return this.#leaves;
  }

  /** Looks at the log now, and not only at the next poll. */
  nudge(): void {
    this.#nudge?.abort();
  }

  /** Mirrors the log until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { pollMilliseconds = POLL_MILLISECONDS } = this.#parts.options;
    const { logId, remotes, floor, chores = [] } = this.#own;
    const reader = await openReader({
      logId,
      remotes,
      withoutKey: "sealed",
      retries: 2,
      ...(floor && { floor }),
    });
    const others = [
      ...remotes.map((remote) => this.#watch(remote, signal)),
      ...chores.map((chore) => this.#repeat(chore, signal)),
      // They end with the signal alone.
    ].map((work) => work.catch(() => undefined));
    try {
      for (;;) {
        this.#nudge = new AbortController();
        const woken = anySignal(signal, this.#nudge.signal);
        try {
          const wasSlow = this.#isSlow;
          await this.#pass(reader, signal);
          // What took too long is tried again at once, apart from the others.
          if (this.#isSlow && !wasSlow) continue;
          await delay(pollMilliseconds, woken.signal);
        } catch {
          throwIfAborted(signal);
        } finally {
          woken.clear();
        }
      }
    } finally {
      await reader.close();
      await Promise.all(others);
    }
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    await this.#local.close();
    await this.#leaves.close();
  }

  async #pass(reader: Reader, signal: AbortSignal): Promise<void> {
    try {
      const result = await this.#parts.lanes.run(this.#isSlow, signal, (own) => this.#mirror(reader, own));
      this.#isSlow = false;
      await this.#serveCopy(signal);
      this.counts.missing = result.missingEntries;
      this.counts.mirroredAt = Math.floor(Date.now() / 1000);
      this.#tell(result.missingEntries === 0 ? "mirrored" : "incomplete", result.missing[0]?.error);
    } catch (error) {
      throwIfAborted(signal);
      this.#isSlow = error instanceof TookTooLong;
      if (this.#isSlow) this.#tell("slow", error);
      else this.#tell(hasCode(error, "ERR_QUOTA") ? "over-quota" : "failed", error);
    }
  }

  async #mirror(reader: Reader, signal: AbortSignal): Promise<MirrorResult> {
    await reader.sync({ signal });
    if (reader.size > this.limits.entries) {
      throw new QuotaExhaustedError(
        `A log may have ${this.limits.entries} entries here, and has ${reader.size}.`,
        {
          operation: "mirror.open",
        },
      );
    }
    const to = this.#bytes.around(staticRemote({ root: this.folder, label: "copy" }));
    const last = this.#last;
    const { cosigner } = this.#parts.options;
    const result = await mirrorLog({
      reader,
      to,
      resume: true,
      signal,
      ...(last && { known: last.head, missing: last.missing }),
      ...(cosigner && { cosign: cosignWith(cosigner, last) }),
    });
    this.#last = result;
    return result;
  }

  // Read back from the folder: what is served is what is there.
  async #serveCopy(signal: AbortSignal): Promise<void> {
    try {
      await this.#local.sync({ signal });
    } catch (error) {
      if (hasCode(error, "ERR_NOT_FOUND")) return;
      throw error;
    }
    await this.#leaves.grow(this.#local, signal);
    const { checkpoint, size, signingKey } = this.#local;
    this.#served = { note: checkpoint!, size, logKey: signingKey! };
  }

  async #watch({ names, name }: Remote, signal: AbortSignal): Promise<void> {
    if (names.watch === undefined) return;
    // If a watch fails, the polls remain.
    try {
      for await (const _ of names.watch(name ?? this.logId, { signal })) this.nudge();
    } catch {
      throwIfAborted(signal);
    }
  }

  async #repeat(
    { name, everyMilliseconds, run }: NonNullable<ServedLogOptions["chores"]>[number],
    signal: AbortSignal,
  ) {
    for (;;) {
      try {
        await run(signal);
        this.counts.chores.set(name, true);
      } catch (error) {
        throwIfAborted(signal);
        this.counts.chores.set(name, false);
        this.#tell("chore-failed", error);
      }
      await delay(everyMilliseconds, signal);
    }
  }

  #tell(kind: ServeEvent["kind"], error: unknown): void {
    this.counts.passes[kind]++;
    const size = this.#served?.size ?? 0;
    this.#parts.options.onEvent?.({ logId: this.logId, kind, size, ...(error !== undefined && { error }) });
  }
}

function cosignWith(by: Cosigner, last: MirrorResult | undefined) {
  return { by, ...(last?.cosigned && { readBack: last.head }) };
}
