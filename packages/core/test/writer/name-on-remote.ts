// The name of a log on one remote, without the parts of a writer that decide when it moves.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { type NameResolver, openWriter, type Remote } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { openLog } from "../../src/writer/open-log.ts";
import { Progress } from "../../src/writer/progress.ts";
import { RemoteName } from "../../src/writer/remote-name.ts";
import { RemoteTree } from "../../src/writer/remote-tree.ts";
import { WriterState } from "../../src/writer/writer-state.ts";
import { tiny } from "./crashing-device.ts";
import { text } from "./log-contents.ts";
import { type Call, wrapRemote } from "./wrapped-remote.ts";

const LABEL = "one";
const { signal } = new AbortController();
export const seed: Uint8Array = new Uint8Array(32).fill(7);

/** What the journal of a device has, and a place that it publishes to. */
export interface Place {
  readonly contents: Map<string, Uint8Array>;
  readonly table: NameTable;
  readonly journal: MemoryLevel<Uint8Array, Uint8Array>;
  /** Every call of the remote, in order. */
  readonly calls: Call[];
  /** Fails a call, or does something before it, or instead of it. */
  fault: (call: Call, proceed: () => Promise<unknown>) => Promise<unknown>;
}

/** A journal with a number of entries, and an empty place. */
export async function placeWith(entries: number): Promise<Place> {
  const journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  await using writer = await openWriter({ ...tiny, seed, journal });
  if (entries > 0) await writer.appendAll(Array.from({ length: entries }, (_, i) => text(`entry ${i}`)));
  const place = { contents: new Map<string, Uint8Array>(), table: new NameTable(), journal, calls: [] };
  return { ...place, fault: (_, proceed) => proceed() };
}

/** Options of {@link nameOn}. */
export interface NameOptions {
  readonly names?: NameResolver;
  readonly label?: string;
  /** What the remote calls the log. */
  readonly name?: string;
  readonly largestEmbedded?: number;
}

/** The name, as a new process finds it in the journal. */
export async function nameOn(place: Place, options: NameOptions = {}) {
  const { names = memoryNames({ table: place.table }), label = LABEL, name: called } = options;
  await place.journal.open();
  const journal = await Journal.open(place.journal);
  const log = await openLog(journal, { ...tiny, seed, journal: place.journal });
  const closing = new AbortController();
  const progress = new Progress([label], false);
  const state = new WriterState(journal, log, { progress, closing: closing.signal });
  const inner: Remote = { label, storage: memoryStorage({ contents: place.contents }), names };
  const wrapped = wrapRemote(inner, (call, proceed) => {
    place.calls.push(call);
    return place.fault(call, proceed) as ReturnType<typeof proceed>;
  });
  const remote = { ...wrapped, ...(called !== undefined && { name: called }) };
  const records = new RemoteRecords(journal, label);
  const tree = new RemoteTree(state, {
    records,
    uploadRecords: new UploadRecords(journal, label),
    storage: remote.storage,
    largestEmbedded: options.largestEmbedded ?? 12,
    onStored: () => undefined,
  });
  const name = new RemoteName(remote, state, records, tree);
  await tree.load();
  await name.load();
  const prefix = (size: number) => (size === state.size ? state.tree : tree.prefix(size));
  /** Stores the first entries, and moves the name. */
  const move = async (size: number, own: AbortSignal = signal, looked = true): Promise<void> => {
    const range = await prefix(size);
    const stored = await tree.store(size, { root: range.root(), last: true, signal: own });
    await name.move(range, stored, { looked, signal: own });
  };
  const told = () => {
    const { published, confirmed } = progress.remotes[0]!;
    return { published, confirmed };
  };
  const count = (kind: Call["kind"]): number => place.calls.filter((call) => call.kind === kind).length;
  const close = async (): Promise<void> => {
    closing.abort();
    await journal.close();
  };
  const { logId } = log.genesis;
  return { name, move, prefix, told, count, close, tree, records, state, closing, logId, remote, progress };
}

/** Fails calls of one kind. */
export function failing(place: Place, kind: Call["kind"], error: () => unknown): void {
  place.fault = (call, proceed) => (call.kind === kind ? Promise.reject(error()) : proceed());
}

/** Ends what {@link failing} began. */
export function heal(place: Place): void {
  place.fault = (_, proceed) => proceed();
}

/** A place to which a number of entries were published, and where they were read back. */
export async function publishedPlace(entries: number): Promise<Place> {
  const place = await placeWith(entries);
  const { name, move, close } = await nameOn(place);
  await name.look(signal);
  await move(entries);
  await name.confirm(signal);
  await close();
  place.calls.length = 0;
  return place;
}
