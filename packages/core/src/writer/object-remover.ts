// Has a remote forget the objects that a removal replaced, once no reader can be on the way to them.

import type { Address } from "../address/address.ts";
import { RetryBudget } from "../async/retry.ts";
import { throwIfAborted } from "../async/signals.ts";
import { TaskGroup } from "../async/task-group.ts";
import { hasCode } from "../errors/index.ts";
import type { OldObjectsRecord } from "../journal/old-objects.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import { LARGEST_PAGE } from "../log/log-limits.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { OperationOptions, StorageBackend } from "../remote/storage-backend.ts";
import { timeNow } from "../runtime/clock.ts";
import type { RemoteTree } from "./remote-tree.ts";
import { type Forgets, forgetsOf, type RemovalProgress } from "./removal-progress.ts";
import type { WriterState } from "./writer-state.ts";

/** Requests at once. */
const REQUESTS_AT_ONCE = 16;

/** How many objects are dealt with at once: for these, everything that is still needed is gone through. */
const OBJECTS_AT_ONCE = 65_536;

interface Parts {
  readonly writer: WriterState;
  readonly storage: StorageBackend;
  readonly records: RemoteRecords;
  readonly tree: RemoteTree;
  /** How long readers that are on their way to an object get, in milliseconds. */
  readonly graceMilliseconds: number;
}

/** Deletes what no head of a remote leads to any more. */
export class ObjectRemover {
  readonly #parts: Parts;
  readonly forgets: Forgets;
  /** The records whose replacements were all read. */
  readonly #checked = new Set<number>();
  /** Why something of that could not be read. */
  #uncheckable: { readonly error: unknown } | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.forgets = forgetsOf(parts.storage);
  }

  /** What is still to be deleted. */
  async progress(): Promise<RemovalProgress> {
    let [left, dueAt] = [0, Number.POSITIVE_INFINITY];
    for await (const { shownAt, tree, contents } of this.#parts.records.oldObjects.load()) {
      left += tree.length + contents.length;
      if (shownAt !== undefined) dueAt = Math.min(dueAt, shownAt + this.#parts.graceMilliseconds);
    }
    return { forgets: this.forgets, left, ...(Number.isFinite(dueAt) && { dueAt }) };
  }

  /** Whether anything may be deleted now. */
  async isDue(): Promise<boolean> {
    for await (const { number } of this.#dueRecords(timeNow())) return number >= 0;
    return false;
  }

  /**
   * Reads what replaced the objects that are due: if the remote lost that, they are the last copy, and stay. If it can't be
   * asked, they stay for now.
   *
   * @returns what the remote does not have any more, or not as it was stored
   */
  async lost(signal: AbortSignal): Promise<readonly Address[]> {
    const lost = new Map<string, Address>();
    this.#uncheckable = undefined;
    for await (const { number, replacements = [] } of this.#dueRecords(timeNow())) {
      if (this.#checked.has(number)) continue;
      const missing = await this.#missingOf(replacements, signal);
      if (missing === undefined) break;
      for (const address of missing) lost.set(`${address}`, address);
      if (missing.length === 0) this.#checked.add(number);
    }
    return [...lost.values()];
  }

  async #missingOf(
    replacements: readonly Address[],
    signal: AbortSignal,
  ): Promise<readonly Address[] | undefined> {
    const budget = new RetryBudget({ signal });
    const missing: Address[] = [];
    try {
      for (const address of replacements)
        if (await budget.run(() => this.#isMissing(address, signal))) missing.push(address);
      return missing;
    } catch (error) {
      throwIfAborted(signal);
      this.#uncheckable = { error };
      return undefined;
    }
  }

  async #isMissing(address: Address, signal: AbortSignal): Promise<boolean> {
    const { storage } = this.#parts;
    const { absence, localReads = false } = storage.capabilities;
    // If others may hold it, a read looks for a long time, and only this store counts.
    const isShared = absence === "local";
    if (isShared && !localReads && !(await storage.has(address, { signal }))) return true;
    try {
      const local = isShared && localReads ? { local: true } : {};
      await getChecked(storage, address, { maxBytes: LARGEST_PAGE, signal, ...local });
      return false;
    } catch (error) {
      if (hasCode(error, "ERR_NOT_FOUND", "ERR_INTEGRITY")) return true;
      throw error;
    }
  }

  /**
   * Deletes, or releases, what is due. What the log still needs stays: whatever bytes an entry has as its content, also those of an
   * old page, and whatever a page or node of the log is. A failure is told and not thrown, for everything that was appended is published all the same.
   */
  async remove(signal: AbortSignal): Promise<RemovalProgress> {
    try {
      for (;;) {
        const due = await this.#due(timeNow());
        if (due.length === 0) break;
        await this.#removeAll(due, signal);
      }
      const progress = await this.progress();
      return { ...progress, ...this.#uncheckable };
    } catch (error) {
      throwIfAborted(signal);
      const progress = await this.progress();
      return { ...progress, error };
    }
  }

  async #due(now: number): Promise<OldObjectsRecord[]> {
    const due: OldObjectsRecord[] = [];
    let objects = 0;
    for await (const record of this.#dueRecords(now)) {
      if (record.replacements !== undefined && !this.#checked.has(record.number)) continue;
      due.push(record);
      objects += record.tree.length + record.contents.length;
      if (objects >= OBJECTS_AT_ONCE) break;
    }
    return due;
  }

  async *#dueRecords(now: number): AsyncGenerator<OldObjectsRecord, void, undefined> {
    const { records, graceMilliseconds } = this.#parts;
    for await (const record of records.oldObjects.load()) {
      if (record.shownAt !== undefined && record.shownAt + graceMilliseconds <= now) yield record;
    }
  }

  async #removeAll(due: readonly OldObjectsRecord[], signal: AbortSignal): Promise<void> {
    const { writer, records, tree } = this.#parts;
    const objects = new Map<string, Address>();
    for (const record of due) {
      for (const address of [...record.tree, ...record.contents]) objects.set(`${address}`, address);
    }
    const since = Math.min(...due.map((record) => record.since ?? 0));
    await this.#keepTree(objects, since);
    await this.#keepContents(objects, since, signal);
    const budget = new RetryBudget({ signal });
    const running = new TaskGroup(REQUESTS_AT_ONCE);
    for (const address of objects.values()) {
      await running.add(() => budget.run(() => this.#forget(address, { signal })));
    }
    await running.settled();
    for (const { number } of due) this.#checked.delete(number);
    const done = due.map(({ number }) => records.oldObjects.deleteOperation(number));
    // Nothing may be taken to be there any more: the same content can be appended again.
    await tree.acknowledged.commit(
      (notes) => writer.journal.write([...done, ...notes], false),
      objects.values(),
    );
  }

  #forget(address: Address, options: OperationOptions): Promise<void> {
    const { storage } = this.#parts;
    if (storage.delete !== undefined) return storage.delete(address, options);
    return storage.release?.(address, options) ?? Promise.resolve();
  }

  // What pages, nodes and the head of the log are now, whoever meant them to be a content once.
  async #keepTree(objects: Map<string, Address>, since: number): Promise<void> {
    const { records, writer } = this.#parts;
    for await (const address of records.loadAddresses(writer.genesis.genesis, since))
      objects.delete(`${address}`);
    for (const { node } of this.#parts.tree.levels) if (node !== undefined) objects.delete(`${node.address}`);
    for (const { address } of await this.#parts.records.loadHeadObjects()) objects.delete(`${address}`);
  }

  // What an entry has as its content. In a private log none has the bytes of another object: its number is sealed in. No entry
  // that a head covers has the bytes of that head.
  async #keepContents(objects: Map<string, Address>, since: number, signal: AbortSignal): Promise<void> {
    const { journal, genesis, sealing, size } = this.#parts.writer;
    if (genesis.genesis.visibility === "private" || objects.size === 0) return;
    const byHash = new Map<string, string>();
    for (const [text, { digest }] of objects) byHash.set(digest.join(), text);
    for await (const entry of journal.entries(since, size, sealing)) {
      throwIfAborted(signal);
      if (entry.removed) continue;
      const text = byHash.get(entry.contentHash.join());
      if (text !== undefined) objects.delete(text);
    }
  }
}
