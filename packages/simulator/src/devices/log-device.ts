// A device whose messages travel by remote logs: its own, and those of the others.

import { openReader, openWriter, type Reader, type Writer } from "@remote-log/core";
import { type MvdsNode, openNode, type PeerLog } from "@remote-log/mvds";
import type { VirtualClock } from "../clock/virtual-clock.ts";
import { Radio } from "../figures/radio.ts";
import type { Tally } from "../figures/tally.ts";
import type { CostModel } from "../services/cost-models.ts";
import { ModelledService, type Use } from "../services/modelled-remote.ts";
import { newDatabase } from "./new-database.ts";

/** What devices with logs have in common. */
export interface LogDeviceOptions {
  readonly clock: VirtualClock;
  readonly tally: Tally;
  readonly model: CostModel;
  readonly visibility: "private" | "public";
  readonly onMessage: (id: Uint8Array) => void;
  readonly onAcknowledged: () => void;
}

/** Nodes send nothing by themselves here: the world says when they read. */
const NEVER = 2 ** 31 - 1;

/** How often it is looked whether messages are in the log yet. */
const FLUSH_MILLISECONDS = 10;

/** A device with a log. */
export class LogDevice {
  readonly name: string;
  readonly radio: Radio = new Radio();
  readonly service: ModelledService;
  node!: MvdsNode;
  writer!: Writer;
  online = true;
  readonly #options: LogDeviceOptions;
  readonly #readers = new Map<string, PeerLog>();
  readonly #opened: Reader[] = [];
  #published = 0;

  constructor(name: string, options: LogDeviceOptions) {
    this.name = name;
    this.#options = options;
    this.service = new ModelledService(options.clock, options.model);
  }

  async open(): Promise<void> {
    const { clock, visibility, onMessage, onAcknowledged } = this.#options;
    const { random, bytes } = clock.stream(`secrets of ${this.name}`);
    const user = { owns: true, isOnline: () => this.online, used: (use: Use) => this.#used(use) };
    this.writer = await openWriter({
      seed: bytes(32),
      journal: newDatabase(),
      remotes: [this.service.remoteOf(user)],
      publish: "manual",
      settings: { identifiers: "mvds", visibility },
    });
    this.node = await openNode({
      database: newDatabase(),
      logs: { writer: this.writer, readers: this.#readers, pollMilliseconds: NEVER },
      epochMilliseconds: NEVER,
      now: () => Math.floor(clock.now() / 1000),
      random,
      onMessage: ({ id }) => onMessage(id),
      onEvent: ({ kind }) => {
        if (kind === "acknowledged") onAcknowledged();
      },
    });
    // The beginning of the log, which anybody can find from then on.
    await this.writer.publish();
  }

  /** Reads the log of another device from now on. */
  async follow(other: LogDevice): Promise<void> {
    const reader = await openReader({
      logId: other.writer.logId,
      key: other.writer.readKey,
      remotes: [
        other.service.remoteOf({ owns: false, isOnline: () => this.online, used: (use) => this.#used(use) }),
      ],
      retries: 0,
    });
    this.#opened.push(reader);
    this.#readers.set(other.name, reader);
  }

  /** Reads the other logs. */
  async sync(): Promise<void> {
    await this.node.syncLogs();
  }

  /** Waits until its messages are in its log. */
  async flush(): Promise<void> {
    while (this.node.status().unlogged > 0) await this.#options.clock.wait(FLUSH_MILLISECONDS);
  }

  /** Publishes what is new in its own log. */
  async publish(): Promise<void> {
    if (!this.online || this.writer.size === this.#published) return;
    const { size } = this.writer;
    await this.writer.publish().then(
      () => {
        this.#published = size;
      },
      // Offline again: the next session continues.
      () => undefined,
    );
  }

  async close(): Promise<void> {
    await this.node.close();
    await Promise.all(this.#opened.map((reader) => reader.close()));
    await this.writer.close();
  }

  #used({ kind, writes, requests, contentBytes, otherBytes }: Use): void {
    const { tally, clock } = this.#options;
    clock.trace.note(clock.elapsed, this.name, kind, contentBytes, otherBytes);
    tally.bytes.add(kind, contentBytes);
    tally.bytes.add("header", otherBytes);
    if (writes) tally.writes += requests;
    else {
      tally.reads += requests;
      tally.readBytes += contentBytes;
    }
    this.radio.use(clock.elapsed, contentBytes + otherBytes);
  }
}
