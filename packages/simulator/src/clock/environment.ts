// What a process takes from outside: the time, timers and randomness.

/** Time, timers and randomness, as the core takes them. */
export interface Environment {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some moment; no clock that is set moves it. */
  monotonicNow(): number;
  /** Calls `run` after a time. What it returns cancels that. */
  schedule(run: () => void, milliseconds: number): () => void;
  /** A number from 0 to below 1. */
  random(): number;
  /** Random bytes. */
  randomBytes(length: number): Uint8Array;
}
