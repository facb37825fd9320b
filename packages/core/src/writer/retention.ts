// How much of a log is kept.

/** How much of a log is kept. What fits either of them is kept. */
export interface Retention {
  /** How many entries are kept, the newest. */
  readonly entries?: number | undefined;
  /** For how long entries are kept, in milliseconds after they were appended by the clock of this device. */
  readonly milliseconds?: number | undefined;
}
