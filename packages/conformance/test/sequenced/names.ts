import {
  addressOf,
  ClosedError,
  InvalidInputError,
  NameConflictError,
  type NameResolver,
  type Revision,
  rawSha256,
  StaleError,
  TooLargeError,
} from "@remote-log/core";

/** One record of a name, as its writer made it. */
interface Stored {
  readonly sequence: number;
  readonly revision: Revision;
  readonly content: Uint8Array;
  /** From when on it shows. */
  readonly shownAt: number;
}

/** The records of every name, oldest first: what several instances share. */
export type Records = Map<string, Stored[]>;

/** Options of {@link sequencedNames}. */
export interface SequencedOptions {
  readonly records: Records;
  readonly largestContent: number;
  /** How long an update takes to show, in milliseconds. */
  readonly shownAfterMs: number;
  /** Whether an instance remembers what it has set and seen, and refuses what is older. */
  readonly remembers: boolean;
}

/**
 * A resolver on a system in which writers count, as in IPNS: a record has the sequence number that follows the expected
 * one, the system takes no other record of the same number or of an older one, and shows a new one late. A revision
 * is the number and the address of the content.
 */
export function sequencedNames(options: SequencedOptions): NameResolver {
  const { records, largestContent, shownAfterMs, remembers } = options;
  const seen = new Map<string, number>();
  let closed = false;

  const check = (operation: string, signal: AbortSignal | undefined): void => {
    signal?.throwIfAborted();
    if (closed) throw new ClosedError("The names were closed.", { operation });
  };
  const checkSize = (size: number, limit: number, operation: string): void => {
    if (size > limit) throw new TooLargeError(`${size} bytes are over ${limit}.`, { operation, limit });
  };
  const noteSequence = (name: string, sequence: number): void => {
    if (remembers) seen.set(name, Math.max(sequence, seen.get(name) ?? -1));
  };

  return {
    name: "sequenced",
    capabilities: { compareAndSet: "none", readYourWrites: shownAfterMs === 0, largestContent, watch: false },

    async update(name, content, { expected, signal }) {
      const operation = "names.update";
      check(operation, signal);
      checkSize(content.length, largestContent, operation);
      const copy = new Uint8Array(content);
      const sequence = expected === null ? 0 : sequenceOf(expected, operation) + 1;
      const revision = `${sequence}-${await addressOf(copy, rawSha256)}`;
      check(operation, signal);
      const states = records.get(name) ?? [];
      records.set(name, states);
      const newest = states.at(-1);
      if (newest === undefined || newest.sequence < sequence) {
        states.push({ sequence, revision, content: copy, shownAt: performance.now() + shownAfterMs });
      } else if (newest.revision !== revision) {
        const message = `The name has a record of number ${newest.sequence}, and ${sequence} is not above it.`;
        throw new NameConflictError(message, { operation });
      }
      noteSequence(name, sequence);
      return revision;
    },

    async resolve(name, { known, maxBytes = largestContent, signal } = {}) {
      const operation = "names.resolve";
      check(operation, signal);
      const now = performance.now();
      const shown = records.get(name)?.findLast(({ shownAt }) => shownAt <= now);
      const floor = known === undefined ? -1 : sequenceOf(known, operation);
      const least = remembers ? Math.max(floor, seen.get(name) ?? -1) : floor;
      if (shown === undefined && !seen.has(name)) return { status: "absent" };
      if (shown === undefined || shown.sequence < least) {
        throw new StaleError(`Number ${shown?.sequence} shows, and ${least} is known.`, { operation });
      }
      noteSequence(name, shown.sequence);
      if (shown.revision === known) return { status: "unchanged", revision: known };
      checkSize(shown.content.length, maxBytes, operation);
      return { status: "found", content: new Uint8Array(shown.content), revision: shown.revision };
    },

    async close() {
      closed = true;
    },
  };
}

function sequenceOf(revision: Revision, operation: string): number {
  const sequence = /^(\d{1,15})-/.exec(revision)?.[1];
  if (sequence !== undefined) return Number(sequence);
  throw new InvalidInputError(`${JSON.stringify(revision)} is no revision of these names.`, { operation });
}
