// A place that changes under its writer, and the device of the writer.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { onTestFinished } from "vitest";
import { openWriter, type Remote, type Writer } from "../../src/index.ts";
import { remoteIdIn } from "../../src/log/head.ts";
import { tiny } from "./crashing-device.ts";
import { readCold, text } from "./log-contents.ts";
import { type Around, wrapRemote } from "./wrapped-remote.ts";

/** A place that can be emptied, set back, or exchanged for another one. */
export class Place {
  contents = new Map<string, Uint8Array>();
  table = new NameTable();

  get remote(): Remote {
    const { contents, table } = this;
    return { label: "place", storage: memoryStorage({ contents }), names: memoryNames({ table }) };
  }

  empty(): void {
    this.contents.clear();
    this.table.values.clear();
  }

  copy(): Place {
    const copy = new Place();
    copy.become(this);
    return copy;
  }

  /** Takes over what another place holds, within the same objects: whoever has them open sees it. */
  become({ contents = this.contents, table = this.table }: Partial<Pick<Place, "contents" | "table">>): void {
    const [objects, names] = [[...contents], [...table.values]];
    this.empty();
    for (const [address, content] of objects) this.contents.set(address, content);
    for (const [name, value] of names) this.table.values.set(name, value);
  }

  id(logId: string): string {
    const id = remoteIdIn(this.table.values.get(logId)!.content);
    return Buffer.from(id ?? []).toString("hex");
  }
}

/** A device with a journal, which opens its writer as a new process would. */
export class Device {
  readonly #journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  readonly contents: string[] = [];
  writer: Writer | undefined;

  async open(remote: Remote, publish: "auto" | "manual" = "manual"): Promise<Writer> {
    await this.writer?.close();
    await this.#journal.open();
    const seed = new Uint8Array(32).fill(3);
    this.writer = await openWriter({ ...tiny, seed, journal: this.#journal, remotes: [remote], publish });
    return this.writer;
  }

  async append(count: number): Promise<void> {
    const added = Array.from({ length: count }, (_, i) => {
      const number = this.contents.length + i;
      return number % 3 === 0 ? `${number} is too large to be embedded` : `${number}`;
    });
    this.contents.push(...added);
    await this.writer!.appendAll(added.map(text));
  }
}

/** What a remote and a device know of a log. */
export interface Shown {
  /** What a reader with nothing gets. */
  readonly entries: readonly string[];
  readonly stored: number;
  readonly published: number;
  readonly confirmed: number;
}

/** What a remote gives a reader with nothing, and what the device says of that remote. */
export async function shown({ writer }: Device, remote: Remote): Promise<Shown> {
  const { stored, published, confirmed } = writer!.status().remotes[0]!;
  return { entries: await readCold(writer!.logId, remote), stored, published, confirmed };
}

/** What {@link shown} gives if everything that the device appended is there. */
export function whole({ contents }: Device): Shown {
  const { length } = contents;
  return { entries: contents, stored: length, published: length, confirmed: length };
}

export async function published(place: Place, entries = 40): Promise<Device> {
  const device = new Device();
  await device.open(place.remote);
  await device.append(entries);
  await device.writer!.publish();
  onTestFinished(() => device.writer!.close());
  return device;
}

/** Counts what a remote is asked. */
export function counted(remote: Remote): { remote: Remote; counts: Record<string, number> } {
  const counts: Record<string, number> = { put: 0, get: 0, has: 0, update: 0, resolve: 0 };
  const around: Around = (call, proceed) => {
    counts[call.kind]!++;
    return proceed();
  };
  return { remote: wrapRemote(remote, around), counts };
}
