// Devices with a log of their own each, which are online one at a time.

import { generateSeed, openReader, openWriter, type Remote, type Writer } from "@remote-log/core";
import {
  type LogReport,
  type MvdsEvent,
  type MvdsNode,
  type NodeOptions,
  openNode,
  type PeerLog,
} from "@remote-log/mvds";
import { MemoryLevel } from "memory-level";
import { GROUP, text } from "../engine/network.ts";

/** A database that stays when it is closed. */
export const newDatabase = (): MemoryLevel<Uint8Array, Uint8Array> =>
  new MemoryLevel({ keyEncoding: "view", valueEncoding: "view", storeEncoding: "view" });

export interface DeviceOptions {
  /** The remote of the log of a device, opened anew for whoever uses it. */
  readonly remoteOf: (name: string) => Remote;
  readonly node?: Partial<NodeOptions>;
}

/** A device: what it keeps when it is off. */
export class Device {
  readonly name: string;
  readonly delivered: string[] = [];
  readonly events: MvdsEvent[] = [];
  readonly journal: MemoryLevel<Uint8Array, Uint8Array> = newDatabase();
  readonly database: MemoryLevel<Uint8Array, Uint8Array> = newDatabase();
  readonly #seed = generateSeed();
  readonly #options: DeviceOptions;
  logId = "";
  key: Writer["readKey"];

  private constructor(name: string, options: DeviceOptions) {
    this.name = name;
    this.#options = options;
  }

  /** Devices that form a group, each of which knows the logs of the others. */
  static async group(names: readonly string[], options: DeviceOptions): Promise<Device[]> {
    const devices = names.map((name) => new Device(name, options));
    for (const device of devices) {
      const writer = await device.openWriter();
      device.logId = writer.logId;
      device.key = writer.readKey;
      await writer.close();
    }
    for (const device of devices) {
      await device.online(devices, ({ node }) =>
        node.setGroup(
          GROUP,
          names.filter((other) => other !== device.name),
        ),
      );
      device.events.length = 0;
    }
    return devices;
  }

  openWriter(): Promise<Writer> {
    return openWriter({
      seed: this.#seed,
      journal: this.journal,
      remotes: [this.#options.remoteOf(this.name)],
      publish: "manual",
      settings: { identifiers: "mvds" },
    });
  }

  /** Is online for a while: reads the logs of the others, does something, and publishes. */
  async online(
    all: readonly Device[],
    work: (life: { readonly node: MvdsNode; readonly writer: Writer }) => Promise<unknown>,
    more: Partial<NodeOptions> = {},
  ): Promise<LogReport[]> {
    const writer = await this.openWriter();
    const readers = new Map<string, PeerLog>();
    const opened = await Promise.all(
      all
        .filter((other) => other !== this)
        .map(async ({ name, logId, key }) => {
          const reader = await openReader({
            logId,
            key,
            remotes: [this.#options.remoteOf(name)],
            retries: 0,
          });
          readers.set(name, reader);
          return reader;
        }),
    );
    const node = await openNode({
      database: this.database,
      logs: { writer, readers, pollMilliseconds: 2 ** 30 },
      epochMilliseconds: 2 ** 30,
      now: () => 1_800_000_000,
      random: () => 0.5,
      onMessage: ({ body }) => void this.delivered.push(new TextDecoder().decode(body)),
      onEvent: (event) => void this.events.push(event),
      ...this.#options.node,
      ...more,
    });
    try {
      await work({ node, writer });
      const reports = await node.syncLogs();
      await writer.publish();
      return reports;
    } finally {
      await node.close();
      await Promise.all(opened.map((reader) => reader.close()));
      await writer.close();
    }
  }

  /** Is online, and sends some messages. */
  send(all: readonly Device[], ...contents: readonly string[]): Promise<LogReport[]> {
    return this.online(all, async ({ node }) => {
      for (const content of contents) await node.send(GROUP, text(content));
    });
  }
}
