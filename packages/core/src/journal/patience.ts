// Deadlines for what the journal and its witness are asked: a database that never answers (IndexedDB, a dead disk) holds nobody
// for ever.

import { InvalidInputError, JournalError } from "../errors/index.ts";
import { startTimer, stopTimer, type Timer, timeNow } from "../runtime/clock.ts";
import type { BatchOperation, KeyRange, KeyValueDatabase, ViewEncoding } from "./database.ts";
import type { JournalWitness } from "./witness.ts";

/** How long a journal may take to answer by default, in milliseconds. */
const JOURNAL_MILLISECONDS = 60_000;

/** How long the end of a journal is waited for that gave no answer before, in milliseconds. */
const LAST_MILLISECONDS = 5_000;

/** The slowest write that is waited for. */
const BYTES_PER_MILLISECOND = 32;

/** A timer that is late by more than this, in milliseconds, was asleep with its device: then the journal was, too. */
const ASLEEP_MILLISECONDS = 5_000;

/** The longest time that timers can wait, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** What is waited for. */
interface Waiting {
  /** What the journal did not do, as a verb: `"read"`. */
  readonly what: string;
  /** What is known and what to do, after the message. */
  readonly advice: string;
  /** Whether to wait although the journal gave no answer before. Default: false. */
  readonly last?: boolean;
  /** How many bytes are written. Default: 0. */
  readonly bytes?: number;
}

/**
 * Waits for a journal, no longer than it may take. Once it gave no answer, everything else fails at once, and nothing is
 * written behind what may still be written.
 */
export class Patience {
  readonly #milliseconds: number;
  #gaveUp: JournalError | undefined;

  /**
   * @param milliseconds - how long the journal may take to answer; default 60,000
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a time that timers can't wait
   */
  constructor(milliseconds: number = JOURNAL_MILLISECONDS) {
    if (!(milliseconds >= 1 && milliseconds <= LONGEST_WAIT)) {
      throw new InvalidInputError(
        `journalMilliseconds must be from 1 to ${LONGEST_WAIT}, not ${milliseconds}.`,
        { operation: "writer.open" },
      );
    }
    this.#milliseconds = milliseconds;
  }

  /**
   * Does one call and waits for it.
   *
   * @throws JournalError `ERR_JOURNAL` with the reason `"no-answer"`, now or before; the call may still take effect
   */
  async wait<T>(call: () => Promise<T>, waiting: Waiting): Promise<T> {
    const { last = false, bytes = 0 } = waiting;
    if (this.#gaveUp !== undefined && !last) throw this.#gaveUp;
    const usual = this.#milliseconds + bytes / BYTES_PER_MILLISECOND;
    const milliseconds = this.#gaveUp === undefined ? usual : Math.min(usual, LAST_MILLISECONDS);
    const answer = call();
    return new Promise((resolve, reject) => {
      let begun = 0;
      let timer: Timer | undefined;
      const begin = (): void => {
        begun = timeNow();
        timer = startTimer(end, milliseconds);
      };
      const end = (): void => {
        if (timeNow() - begun > milliseconds + ASLEEP_MILLISECONDS) {
          begin();
          return;
        }
        const error = noAnswer(waiting, milliseconds);
        this.#gaveUp ??= error;
        reject(error);
      };
      begin();
      answer.then(resolve, reject).finally(() => stopTimer(timer));
    });
  }
}

/** The same database, with deadlines for everything except opening and closing. */
export function patientDatabase(
  database: KeyValueDatabase,
  patience: Patience,
): Pick<KeyValueDatabase, "get" | "batch" | "iterator" | "compactRange"> {
  return {
    // It rewrites files, for as long as that takes, and nobody depends on its end.
    ...(database.compactRange && { compactRange: database.compactRange.bind(database) }),
    get: (key, options) => patience.wait(() => database.get(key, options), READING),
    batch: (operations, options) =>
      patience.wait(() => database.batch(operations, options), { ...WRITING, bytes: bytesIn(operations) }),
    iterator: (options) => patientSteps(database, options, patience),
  };
}

async function* patientSteps(
  database: KeyValueDatabase,
  options: ViewEncoding & KeyRange,
  patience: Patience,
): AsyncGenerator<[Uint8Array, Uint8Array], void, undefined> {
  const steps = database.iterator(options)[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const step = await patience.wait(async () => steps.next(), READING);
      isOver = step.done === true;
      if (step.done) return;
      yield step.value;
    }
  } catch (error) {
    isOver = true;
    // It ends by itself when it answers.
    steps.return?.().catch(() => undefined);
    throw error;
  } finally {
    if (!isOver) await patience.wait(async () => steps.return?.(), READING);
  }
}

/** The same witness, with deadlines. */
export function patientWitness(witness: JournalWitness, patience: Patience): JournalWitness {
  return {
    load: () => patience.wait(() => witness.load(), READING_WITNESS),
    ...(witness.prepare && { prepare: (statement) => witness.prepare!(statement) }),
    save: (statement) => {
      const saving = witness.save(statement);
      // Most witnesses keep it at once.
      return saving && patience.wait(() => saving, WRITING_WITNESS);
    },
    close: () => patience.wait(() => witness.close(), CLOSING),
  };
}

const AGAIN = "Look at the disk or the browser's storage. Close the writer, and open it again: then";

const READING: Waiting = {
  what: "read",
  advice: `Nothing was changed. ${AGAIN} everything that was acknowledged is there.`,
};
const WRITING: Waiting = {
  what: "write",
  advice:
    "Whether what it was writing is in it is unknown, and nothing was written since. What was acknowledged before is safe. " +
    `${AGAIN} it shows how many entries it has, and continues with the next number.`,
};
const READING_WITNESS: Waiting = { ...READING, what: "read its witness" };
const WRITING_WITNESS: Waiting = {
  what: "write its witness",
  advice:
    "What it was writing is in the journal, and was not acknowledged. What was acknowledged before is safe. " +
    `${AGAIN} it shows how many entries it has, and continues with the next number.`,
};

/** How the opening of a journal is waited for. */
export const OPENING: Waiting = {
  what: "open",
  advice: "Nothing was changed. Look at the disk or the browser's storage, then open the writer again.",
};
/** How the end of a journal is waited for. */
export const CLOSING: Waiting = {
  what: "close",
  advice:
    "What was acknowledged is safe. It stays locked until it has closed; end the process (or close the tab) if it never does.",
  last: true,
};

function noAnswer({ what, advice }: Waiting, milliseconds: number): JournalError {
  return new JournalError(`The journal did not ${what} within ${Math.round(milliseconds)} ms. ${advice}`, {
    operation: "journal.access",
    reason: "no-answer",
  });
}

function bytesIn(operations: readonly BatchOperation[]): number {
  let bytes = 0;
  for (const operation of operations) {
    bytes += operation.key.length;
    if (operation.type === "put") bytes += operation.value.length;
  }
  return bytes;
}
