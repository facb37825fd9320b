// What a remote does wrong, and for how many calls.

/** A way in which calls to a remote fail or lie. */
export type FaultKind =
  /** No answer can be had, and nothing takes effect. */
  | "down"
  /** A write takes effect, and its answer is lost. */
  | "lost-answer"
  /** No answer comes, until the caller gives up. */
  | "silent"
  /** A content is acknowledged and not stored. */
  | "dropped"
  /** A byte of what is read is another one. */
  | "corrupt"
  /** Another object comes than the one that was asked for. */
  | "swapped"
  /** What is there is said not to be. */
  | "hidden"
  /** A name shows what it held before. */
  | "outdated";

/** Every kind of fault. */
export const faultKinds: readonly FaultKind[] = [
  ...(["down", "lost-answer", "silent", "dropped"] as const),
  ...(["corrupt", "swapped", "hidden", "outdated"] as const),
];

const LIES: ReadonlySet<FaultKind> = new Set(["dropped", "corrupt", "swapped", "hidden", "outdated"]);

/** Whether a fault leaves a remote with less than its writer was told. */
export function losesContents(kind: FaultKind): boolean {
  return kind === "dropped";
}

/** The faults of a remote that are still to come. */
export class Faults {
  /** Whether anybody was told what is not true. */
  haveLied = false;
  readonly #left = new Map<FaultKind, number>();

  /** From now on, a number of calls that the fault concerns meet it. */
  begin(kind: FaultKind, calls: number): void {
    this.#left.set(kind, calls);
  }

  /** Ends all of them. */
  end(): void {
    this.#left.clear();
  }

  /** Whether a call meets a fault; then it counts. */
  meets(kind: FaultKind): boolean {
    const left = this.#left.get(kind) ?? 0;
    if (left === 0) return false;
    this.#left.set(kind, left - 1);
    this.haveLied ||= LIES.has(kind);
    return true;
  }
}
