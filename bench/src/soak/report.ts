import type { RunDescription } from "../describe-run.ts";
import type { Trouble } from "./place.ts";

/** How far something was behind the writer, once. */
export interface LagSample {
  readonly label: string;
  /** In seconds since the beginning. */
  readonly at: number;
  /** In entries. */
  readonly lag: number;
}

/** A time in which a place was in trouble, in seconds since the beginning. */
export interface TroubleWindow {
  readonly label: string;
  readonly trouble: Trouble;
  readonly from: number;
  readonly to: number;
}

/** How a reader fared. */
export interface ReaderReport {
  readonly name: string;
  readonly delivered: number;
  /** How often an attempt ended with which error. */
  readonly errors: Readonly<Record<string, number>>;
}

/** What a run came to. */
export interface SoakReport {
  readonly run: RunDescription;
  /** Appends in a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly labels: readonly string[];
  readonly appended: number;
  readonly windows: readonly TroubleWindow[];
  readonly samples: readonly LagSample[];
  readonly readers: readonly ReaderReport[];
  /** From an append to its publication on two places, in milliseconds. */
  readonly published: { readonly median: number; readonly p99: number; readonly most: number };
  /** From the last trouble to the moment when every place had everything, in seconds. */
  readonly repairedAfter: number;
  /** What must not happen, and did. */
  readonly wrong: readonly string[];
}
