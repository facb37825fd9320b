// Whether a history is linearizable (Herlihy and Wing, 1990).

import type { Revision } from "@remote-log/core";
import type { History, ResolveOperation, UpdateOperation } from "./history.ts";

/** What the name holds at one point of an order: what an update set, or nothing at all. */
type Held = UpdateOperation | undefined;

/**
 * Checks that a history is linearizable: that its operations could have run one after the other, each at a moment
 * between its call and its end, on a name with compare-and-set. An update of unknown outcome may have run at any
 * moment after its call, or never.
 *
 * It searches for such an order (the way of Wing and Gong, with Lowe's memory of dead ends). What changes nothing is
 * taken as soon as it fits, which can't spoil anything; an update fits only if the name holds what it expects. So
 * there is hardly ever a choice, but between updates of unknown outcome.
 *
 * @returns why there is no such order; nothing if there is one
 */
export function whyNotLinearizable(history: History): string | undefined {
  const revisions = new Map<string, Revision>();
  for (const operation of history) {
    const seen = seenBy(operation);
    if (seen === undefined) continue;
    const known = revisions.get(seen.content);
    if (known !== undefined && known !== seen.revision) {
      return `one content has two revisions, ${JSON.stringify(known)} and ${JSON.stringify(seen.revision)}`;
    }
    revisions.set(seen.content, seen.revision);
  }
  return new Search(history, revisions).run();
}

/** The content and the revision that an operation was told. */
function seenBy(
  operation: UpdateOperation | ResolveOperation,
): { readonly content: string; readonly revision: Revision } | undefined {
  if (operation.kind === "resolve")
    return operation.outcome.status === "found" ? operation.outcome : undefined;
  const { content, outcome } = operation;
  return outcome.status === "updated" ? { content, revision: outcome.revision } : undefined;
}

class Search {
  readonly #operations: History;
  readonly #revisions: ReadonlyMap<string, Revision>;
  readonly #deadEnds = new Set<string>();
  #furthest = -1;
  #why = "";

  constructor(history: History, revisions: ReadonlyMap<string, Revision>) {
    this.#operations = history.toSorted((a, b) => a.invoked - b.invoked);
    this.#revisions = revisions;
  }

  run(): string | undefined {
    const found = this.#continues(undefined, new Uint8Array(this.#operations.length));
    return found ? undefined : this.#why;
  }

  /** Whether the operations that are not done can follow, if the name holds this. */
  #continues(held: Held, before: Uint8Array): boolean {
    const done = new Uint8Array(before);
    while (this.#takeWhatChangesNothing(held, done));
    const next = this.#next(done);
    if (!this.#isLeft(done)) return true;
    const key = `${held === undefined ? "" : held.content}/${done.join("")}`;
    if (this.#deadEnds.has(key)) return false;
    for (const i of next) {
      const operation = this.#operations[i]!;
      if (operation.kind !== "update" || operation.outcome.status === "refused") continue;
      if (operation.expected !== this.#revisionOf(held)) continue;
      done[i] = 1;
      if (this.#continues(operation, done)) return true;
      done[i] = 0;
    }
    this.#deadEnds.add(key);
    this.#note(held, done, next);
    return false;
  }

  /** Takes every resolve and every refusal that fits now; whether there was one. */
  #takeWhatChangesNothing(held: Held, done: Uint8Array): boolean {
    let took = false;
    for (const i of this.#next(done)) {
      if (!this.#fits(this.#operations[i]!, held)) continue;
      done[i] = 1;
      took = true;
    }
    return took;
  }

  #fits(operation: UpdateOperation | ResolveOperation, held: Held): boolean {
    if (operation.kind === "update") {
      return operation.outcome.status === "refused" && operation.expected !== this.#revisionOf(held);
    }
    return operation.outcome.status === "found"
      ? operation.outcome.content === held?.content
      : held === undefined;
  }

  /** `null` if the name is absent; a revision that nobody can expect if nobody was ever told it. */
  #revisionOf(held: Held): Revision | null | undefined {
    return held === undefined ? null : this.#revisions.get(held.content);
  }

  /** What may come next: the operations that were called before the first end among those that are not done. */
  #next(done: Uint8Array): number[] {
    const next: number[] = [];
    let end = Number.POSITIVE_INFINITY;
    for (const [i, { invoked, responded }] of this.#operations.entries()) {
      if (done[i] === 1) continue;
      if (invoked > end) break;
      next.push(i);
      end = Math.min(end, responded);
    }
    return next;
  }

  /** Whether there are operations left whose outcome is known: the others need never have run. */
  #isLeft(done: Uint8Array): boolean {
    return this.#operations.some(({ outcome }, i) => done[i] === 0 && outcome.status !== "unknown");
  }

  /** Remembers what blocks the longest order so far. */
  #note(held: Held, done: Uint8Array, next: readonly number[]): void {
    const length = done.reduce((sum, one) => sum + one, 0);
    if (length <= this.#furthest) return;
    this.#furthest = length;
    const state =
      held === undefined ? "is absent" : `holds revision ${JSON.stringify(this.#revisionOf(held))}`;
    const waiting = next.map((i) => describe(this.#operations[i]!)).join("; ");
    this.#why = `after ${length} of ${done.length} operations the name ${state}, and none of these can follow: ${waiting}`;
  }
}

function describe(operation: UpdateOperation | ResolveOperation): string {
  const { kind, invoked, responded, outcome } = operation;
  const what =
    kind === "update"
      ? `update that expects ${JSON.stringify(operation.expected)} and was ${outcome.status}`
      : `resolve that said ${outcome.status}`;
  const revision = "revision" in outcome ? ` ${JSON.stringify(outcome.revision)}` : "";
  return `${what}${revision} (${invoked}–${responded})`;
}
