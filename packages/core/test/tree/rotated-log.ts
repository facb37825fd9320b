// A log whose signing key was replaced twice, and what others made of it who had one of the keys: a head at each size.

import { memoryRemote } from "@remote-log/memory";
import type { DeviceSeed, Remote, Writer } from "../../src/index.ts";
import type { VerifiedHead } from "../../src/log/head.ts";
import type { SignedSuccession } from "../../src/log/succession.ts";
import { openHead } from "../../src/tree/open-head.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { append, Device, first, open, recoverySeed, second, third, using } from "../writer/stolen-device.ts";

const never = new AbortController().signal;

/** What a head says, and who said each part of it. */
export interface Signed {
  readonly head: VerifiedHead;
  readonly keys: readonly SignedSuccession[];
  readonly entries: readonly string[];
  readonly versions: readonly string[];
  readonly remote: Remote;
}

/** Somebody who has the seed of a device. */
class Holder {
  readonly remote = memoryRemote();
  readonly #who: string;
  readonly #entries: string[];
  readonly #versions: string[];
  readonly #found: Signed[];

  constructor(who: string, found: Signed[], before?: Holder) {
    this.#who = who;
    this.#found = found;
    this.#entries = before === undefined ? [] : [...before.#entries];
    this.#versions = before === undefined ? [] : [...before.#versions];
  }

  /** Appends up to a size, and publishes after each; from `says` on, also says something of the log. */
  async grow(writer: Writer, to: number, says = Infinity): Promise<void> {
    while (writer.size < to) {
      const name = `${this.#who} ${writer.size}`;
      await append(writer, name);
      this.#entries.push(name);
      if (writer.size >= says) {
        await writer.setRemotes([`https://${this.#who}-${writer.size}.example`]);
        this.#versions.push(name);
      }
      await this.publish(writer);
    }
  }

  /** Says something of the log, and publishes that. */
  async say(writer: Writer, what: string): Promise<void> {
    await writer.setRemotes([`https://${what}.example`]);
    this.#versions.push(what);
    await this.publish(writer);
  }

  async rotate(writer: Writer): Promise<void> {
    await writer.rotateSigningKey(recoverySeed);
    this.#versions.push(`${this.#who} ${writer.size} key`);
    await this.publish(writer);
  }

  async publish(writer: Writer): Promise<void> {
    await writer.publish();
    const held = await this.remote.names.resolve(writer.logId);
    if (held.status !== "found") throw new Error("nothing was published");
    const { headBytes } = defaultLimits;
    const head = await openHead(this.remote, writer.logId, held.content, headBytes, undefined);
    const keys = head.manifest?.successions ?? [];
    const [entries, versions] = [[...this.#entries], [...this.#versions]];
    this.#found.push({ head, keys, entries, versions, remote: this.remote });
  }
}

let written: Promise<Signed[]> | undefined;

/** All of its states, written once for all test files of one process. */
export function rotatedLog(): Promise<Signed[]> {
  written ??= writeAll();
  return written;
}

/**
 * Writes it. The owner's key is replaced at 6 and at 9 entries. A thief has the first key from 4 entries on, another one the second
 * key from 6 on, and a twin, who has the recovery seed as well, replaces the first key at 7.
 */
async function writeAll(): Promise<Signed[]> {
  const found: Signed[] = [];
  const [owner, device] = [new Holder("owner", found), new Device()];
  const run = (
    holder: Holder,
    seed: DeviceSeed,
    on: Device,
    work: (writer: Writer) => Promise<void>,
  ): Promise<void> => using(open(seed, on, holder.remote, { settings: { visibility: "public" } }), work);
  await run(owner, first, device, (writer) => owner.grow(writer, 4, 4));
  const thief = new Holder("thief", found, owner);
  await run(thief, first, device.copy(), (writer) => thief.grow(writer, 8, 5));
  // One who appends nothing, and says more of the log than its owner did with that key.
  const talker = new Holder("talker", found, owner);
  await run(talker, first, device.copy(), async (writer) => {
    for (const what of ["one", "two", "three"]) await talker.say(writer, what);
  });
  await run(owner, second, device, (writer) => owner.grow(writer, 6, 5));
  const twin = new Holder("twin", found, owner);
  await run(twin, second, device.copy(), async (writer) => {
    await twin.grow(writer, 7);
    await twin.rotate(writer);
  });
  await run(owner, second, device, (writer) => owner.rotate(writer));
  const later = new Holder("later", found, owner);
  await run(later, second, device.copy(), (writer) => later.grow(writer, 10, 7));
  await run(owner, third, device, async (writer) => {
    await owner.grow(writer, 9, 8);
    await owner.rotate(writer);
    await owner.grow(writer, 12);
  });
  return found;
}

/** The tree of a head. */
export function treeOf({ head, remote }: Signed): TreeView {
  return new TreeView(head, remote.storage, defaultLimits, never);
}
