// A writer's journal in the middle of its work, with every older value of every record, and the remotes beside it.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { openWriter, type Remote, UnreachableError, type Writer } from "../../../packages/core/src/index.ts";
import { PowerCutDatabase } from "../../../packages/core/test/writer/power-cut-database.ts";
import { type Call, wrapRemote } from "../../../packages/core/test/writer/wrapped-remote.ts";

/** The records of a journal, by key; one letter for each byte of the key. */
export type Disk = ReadonlyMap<string, Uint8Array>;

/** What a remote holds. */
interface Held {
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly names: NameTable["values"];
}

/** A device that was switched off in the middle of its work. */
export interface JournalWorld {
  readonly shape: WorldShape;
  readonly logId: string;
  readonly disk: Disk;
  /** Every value that a record had before the one it has now. */
  readonly older: ReadonlyMap<string, readonly Uint8Array[]>;
  /** What was acknowledged, by sequence number. */
  readonly acknowledged: readonly string[];
  /** How many of them a signed checkpoint covers. */
  readonly signed: number;
  /** Every head that left the process, in order. */
  readonly sent: readonly Uint8Array[];
  /** New remotes with what they held; what is sent to them is noted. */
  remotes(sent: Uint8Array[]): readonly Remote[];
}

/** How the log is written: its settings are too small for one that has to grow. */
const smallLog = {
  publish: "manual",
  largestEmbedded: 12,
  leastCapacity: 1000,
  bundles: "writer",
} as const;
const LABELS = ["one", "two"];
/** How a world is written. */
export interface WorldShape {
  readonly leafSize: number;
  readonly fanOut: number;
  /** Entries at which the writer publishes, the last time without an answer; the rest is only acknowledged. */
  readonly published: number;
  readonly unanswered: number;
  readonly acknowledged: number;
}

/** A world with few records. */
export const smallWorld: WorldShape = {
  ...{ leafSize: 2, fanOut: 2 },
  ...{ published: 7, unanswered: 11, acknowledged: 14 },
};

/** A world whose newest node has a bundle of pages that are stored in no other way, and is written anew. */
export const bundledWorld: WorldShape = {
  ...{ leafSize: 64, fanOut: 8 },
  ...{ published: 64 * 5 + 9, unanswered: 64 * 6 + 9, acknowledged: 64 * 9 + 1 },
};

/** How the writer of the world is opened. */
export async function openWorldWriter(
  disk: Disk,
  remotes: readonly Remote[],
  { leafSize, fanOut }: WorldShape,
): Promise<[Writer, PowerCutDatabase]> {
  const journal = new PowerCutDatabase(disk);
  const settings = { visibility: "public", leafSize, fanOut } as const;
  const seed = new Uint8Array(32).fill(11);
  const writer = await openWriter({
    seed,
    journal,
    remotes,
    settings,
    ...smallLog,
  });
  return [writer, journal];
}

/** Makes a world. */
export async function makeJournalWorld(shape: WorldShape = smallWorld): Promise<JournalWorld> {
  const sent: Uint8Array[] = [];
  const held = LABELS.map((label) => ({
    label,
    contents: new Map<string, Uint8Array>(),
    table: new NameTable(),
  }));
  let answered = true;
  const remotes = held.map(({ label, contents, table }) =>
    noting(remoteOf(label, contents, table), sent, () => {
      if (!answered) throw new UnreachableError("No answer came.", { operation: "names.update" });
    }),
  );
  const [writer, journal] = await openWorldWriter(new Map(), remotes, shape);
  const disks: Disk[] = [];
  const acknowledged: string[] = [];
  const append = async (to: number): Promise<void> => {
    while (acknowledged.length < to) {
      const number = acknowledged.length;
      const content = number % 3 === 0 ? `entry ${number} of the large sort` : `entry ${number}`;
      await writer.append(new TextEncoder().encode(content));
      acknowledged.push(content);
      disks.push(journal.afterPowerCut(journal.unsynced));
    }
  };
  const publish = async (): Promise<void> => {
    await writer.publish().catch(() => undefined);
    disks.push(journal.afterPowerCut(journal.unsynced));
  };
  await append(shape.published);
  await publish();
  await append(shape.unanswered);
  answered = false;
  await publish();
  await append(shape.acknowledged);
  const { logId } = writer;
  await writer.close();
  const disk = disks.at(-1)!;
  const frozen = held.map(({ label, contents, table }): Held & { label: string } => ({
    label,
    contents: new Map(contents),
    names: new Map(table.values),
  }));
  return {
    shape,
    logId,
    disk,
    older: olderValues(disk, disks),
    acknowledged,
    signed: shape.unanswered,
    sent,
    remotes: (noted) =>
      frozen.map(({ label, contents, names }) => {
        const table = new NameTable();
        for (const [name, value] of names) table.values.set(name, value);
        return noting(remoteOf(label, new Map(contents), table), noted, () => undefined);
      }),
  };
}

function remoteOf(label: string, contents: Map<string, Uint8Array>, table: NameTable): Remote {
  return { label, storage: memoryStorage({ contents }), names: memoryNames({ table }) };
}

/** Notes every head that is sent, before it arrives. */
function noting(remote: Remote, sent: Uint8Array[], before: () => void): Remote {
  return wrapRemote(remote, async <T>({ kind, content }: Call, proceed: () => Promise<T>): Promise<T> => {
    if (kind !== "update") return proceed();
    sent.push(content!);
    before();
    return proceed();
  });
}

function olderValues(disk: Disk, disks: readonly Disk[]): ReadonlyMap<string, readonly Uint8Array[]> {
  const older = new Map<string, Uint8Array[]>();
  for (const [key, now] of disks.flatMap((one) => [...one])) {
    const current = disk.get(key);
    const known = older.get(key) ?? [];
    if (current !== undefined && Buffer.compare(current, now) === 0) continue;
    if (known.some((value) => Buffer.compare(value, now) === 0)) continue;
    older.set(key, [...known, now]);
  }
  return older;
}
