// Which logs a poll asks: all of a small group; of a large one those that move, and the others in turn.

/** How many logs a poll asks at least, or all if there are fewer. */
const LOGS_A_POLL = 64;

/** How many of them are logs that have been silent. */
const SILENT_LOGS_A_POLL = 16;

/** For how many polls a log counts as one that moves after something new came. */
const MOVES_FOR = 12;

interface Asked {
  /** The poll in which it was asked last. */
  poll: number;
  /** The poll in which something new came. */
  moved: number;
  /** When it was read last, in milliseconds since 1970. */
  readAt?: number;
}

/** Chooses the logs that a poll asks, and remembers what came of it. */
export class PollPlan {
  readonly #logs = new Map<string, Asked>();
  #due: ReadonlySet<string> = new Set();
  #poll = 0;

  /**
   * Begins the next poll.
   *
   * @param logs - all logs of the group, as far as they are known
   * @param all - whether every log is asked
   */
  begin(logs: readonly string[], all: boolean): void {
    this.#poll++;
    if (all || logs.length <= LOGS_A_POLL) {
      this.#due = new Set(logs);
      return;
    }
    const moves = logs.filter((log) => this.#poll - (this.#logs.get(log)?.moved ?? -MOVES_FOR) <= MOVES_FOR);
    const moving = new Set(moves);
    const silent = logs
      .filter((log) => !moving.has(log))
      .sort((a, b) => (this.#logs.get(a)?.poll ?? 0) - (this.#logs.get(b)?.poll ?? 0))
      .slice(0, Math.max(SILENT_LOGS_A_POLL, LOGS_A_POLL - moves.length));
    this.#due = new Set([...moves, ...silent]);
  }

  /** Whether this poll asks a log: also one that became known just now. */
  isDue(log: string): boolean {
    return this.#due.has(log) || !this.#logs.has(log);
  }

  /** Notes that a log is asked now. */
  asks(log: string): void {
    this.#logs.set(log, { moved: -MOVES_FOR, ...this.#logs.get(log), poll: this.#poll });
  }

  /** Notes that a log was read. */
  read(log: string, at: number, moved: boolean): void {
    const asked = this.#logs.get(log)!;
    asked.readAt = at;
    if (moved) asked.moved = this.#poll;
  }

  /** The time as of which all of some logs were read; `undefined` if one was not yet. */
  readAt(logs: readonly string[]): number | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    for (const log of logs) {
      const at = this.#logs.get(log)?.readAt;
      if (at === undefined) return undefined;
      oldest = Math.min(oldest, at);
    }
    return oldest;
  }
}
