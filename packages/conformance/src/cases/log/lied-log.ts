// The log that the cases about lies write, and the forks of it.

import type { KeyValueDatabase, Remote, WriterOptions } from "@remote-log/core";
import { type LyingRemote, lyingRemote, type PastUpdate } from "../../liar/index.ts";
import type { LogWriter } from "./log-core.ts";
import { type LogWorld, newJournal } from "./log-world.ts";

/** What the writer of a log that is lied about appends, in this many steps. */
const SIZES = [4, 9];

/** A log on the adapter under test behind a liar, and on an honest remote, in memory. */
export interface LiedLog {
  readonly liar: LyingRemote;
  readonly honest: Remote;
  readonly writer: LogWriter;
  readonly logId: string;
  readonly written: readonly Uint8Array[];
  readonly seed: Uint8Array;
  readonly journal: KeyValueDatabase;
}

/** Writes 9 entries, published at 4 and at 9, to both remotes. The liar is honest so far, and shows all of it. */
export async function writeLiedLog(
  world: LogWorld,
  { bundles }: Pick<WriterOptions, "bundles"> = {},
): Promise<LiedLog> {
  const [seed, journal, written] = [world.seed(), newJournal(), world.contents(9)];
  const [liar, honest] = [lyingRemote(world.remote), world.memory("honest")];
  const writer = await world.writer([liar, honest], { seed, journal, ...(bundles && { bundles }) });
  for (const size of SIZES) {
    await writer.appendAll(written.slice(writer.size, size));
    await world.confirmed(writer);
  }
  const { logId } = writer;
  await world.readsAll([liar], logId, written);
  return { liar, honest, writer, logId, written, seed, journal };
}

/**
 * Writes another history of the same log with the same seed, as a second device would, through the adapter under test
 * and under another name: it parts from the first one after 3 entries, and is published at 4, 9 and 12.
 *
 * @returns what its name held, oldest first
 */
export async function writeFork(
  world: LogWorld,
  { seed, written, logId }: LiedLog,
): Promise<readonly PastUpdate[]> {
  const own = [...written.slice(0, 3), ...world.contents(9)];
  return writeElsewhere(world, { seed, contents: own, sizes: [4, 9, 12], logId });
}

/** Writes a log through the adapter under test, under a name of its own. Gives what that name held, oldest first. */
export async function writeElsewhere(
  world: LogWorld,
  log: {
    readonly seed: Uint8Array;
    readonly contents: readonly Uint8Array[];
    readonly sizes: readonly number[];
    /** The log that it has to be, if it is another history of one. */
    readonly logId?: string;
  },
): Promise<readonly PastUpdate[]> {
  const side = lyingRemote({ ...world.remote, label: "elsewhere", name: world.context.name() });
  const writer = await world.writer([side], { seed: log.seed });
  for (const size of log.sizes) {
    await writer.appendAll(log.contents.slice(writer.size, size));
    await world.settled(() => writer.publish());
  }
  await world.readsAll([side], log.logId ?? writer.logId, log.contents);
  return side.history.updates;
}

/** What a reader says of a name that was set back: if the name system may lag, it may be just that. */
export function setBackCode({ remote }: LogWorld): "ERR_ROLLBACK" | "ERR_STALE" {
  return remote.names.capabilities.readYourWrites ? "ERR_ROLLBACK" : "ERR_STALE";
}

/** What a reader says of an object that is not there: on a storage that may lag behind, it may be on its way. */
export function missingCode({ remote }: LogWorld): "ERR_NOT_FOUND" | "ERR_NOT_PROPAGATED" {
  return remote.storage.capabilities.readYourWrites ? "ERR_NOT_FOUND" : "ERR_NOT_PROPAGATED";
}

/** The same if it is the adapter that lacks it, and not a liar who says so: it may know of its own store alone. */
export function unstoredCodes(world: LogWorld): readonly string[] {
  const { absence } = world.remote.storage.capabilities;
  return [missingCode(world), ...(absence === "local" ? ["ERR_TIMEOUT"] : [])];
}
