// A log whose recovery seed is kept apart, and whose device somebody has copied.

import { memoryRemote } from "@remote-log/memory";
import {
  type DeviceSeed,
  deviceSeed,
  generateSeed,
  openReader,
  openWriter,
  type Reader,
  type ReaderOptions,
  type Remote,
  type Writer,
  type WriterOptions,
} from "../../src/index.ts";
import { looseNames } from "./loose-names.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import type { ProcessLife } from "./process-life.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (content: Uint8Array): string => new TextDecoder().decode(content);

export const recoverySeed = generateSeed();
export const [first, second, third] = (await Promise.all(
  [0, 1, 2].map((n) => deviceSeed(recoverySeed, n)),
)) as [DeviceSeed, DeviceSeed, DeviceSeed];

/** A device, and what its disk holds. */
export class Device {
  readonly database: PowerCutDatabase;

  constructor(disk?: ReadonlyMap<string, Uint8Array>, life?: ProcessLife) {
    this.database = new PowerCutDatabase(disk, life);
  }

  /** What somebody holds who copied the disk. */
  copy(): Device {
    return new Device(this.database.afterPowerCut(this.database.unsynced));
  }
}

/** Small pages and nodes, so that few entries make a tree. */
export const cuts = { leafSize: 2, fanOut: 2 };

/** Opens a device's writer. */
export function open(
  seed: DeviceSeed,
  device: Device,
  remotes: Remote | readonly Remote[],
  more: Partial<WriterOptions> = {},
): Promise<Writer> {
  return openWriter({
    seed,
    journal: device.database,
    remotes: "names" in remotes ? [remotes] : remotes,
    publish: "manual",
    leastCapacity: 1000,
    ...more,
    settings: { ...cuts, ...more.settings },
  });
}

export async function append(writer: Writer, ...contents: string[]): Promise<void> {
  for (const content of contents) await writer.append(bytes(content));
}

export async function contentsOf(reader: Reader, cursor?: string): Promise<string[]> {
  const found: string[] = [];
  const entries = cursor === undefined ? reader.from(0) : reader.follow({ cursor, live: false });
  for await (const { content } of entries) found.push(text(content));
  return found;
}

export async function read(
  logId: string,
  remotes: Remote | readonly Remote[],
  more: Partial<ReaderOptions> = {},
): Promise<string[]> {
  const reader = await openReader({ logId, remotes: "names" in remotes ? [remotes] : remotes, ...more });
  try {
    return await contentsOf(reader);
  } finally {
    await reader.close();
  }
}

export const letters = (count: number): string[] => "abcdefghij".slice(0, count).split("");

export interface Stolen {
  readonly remote: Remote;
  readonly logId: string;
  /** The owner's device. */
  readonly device: Device;
  /** A copy of it. */
  readonly copy: Device;
}

/** A log of some letters, published, and a copy of its device. */
export async function stolen(
  more: Partial<WriterOptions> = { settings: { visibility: "public" } },
  remote: Remote = memoryRemote(),
  count = 3,
): Promise<Stolen> {
  const device = new Device();
  const writer = await open(first, device, remote, more);
  await append(writer, ...letters(count));
  await writer.publish();
  const { logId } = writer;
  await writer.close();
  return { remote, logId, device, copy: device.copy() };
}

/** What somebody did with a writer, who then closed it. */
export async function using<T>(opened: Promise<Writer>, work: (writer: Writer) => Promise<T>): Promise<T> {
  const writer = await opened;
  try {
    return await work(writer);
  } finally {
    await writer.close();
  }
}

export const loose = (): Remote => ({ ...memoryRemote(), names: looseNames() });
