// What runs give, and what a section of the report is made of.

import type { Tally } from "../figures/tally.ts";

/** One or several runs of the same kind. */
export interface Run {
  readonly tallies: readonly Tally[];
  /** How much time passed in them, in milliseconds. */
  readonly elapsed: number;
  /** A hash of all events. */
  readonly trace: string;
}

/** How much is run: everything, or what a minute allows. */
export interface Size {
  readonly quick: boolean;
  readonly seed: number;
  /** Told what has been run. */
  readonly ran: (name: string, run: Run) => void;
}

/** A line of a chart. */
export interface Series {
  readonly name: string;
  /** A formula is dashed. */
  readonly formula?: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** An axis. */
export interface Axis {
  readonly label: string;
  readonly ticks: readonly number[];
  readonly tickText?: readonly string[];
}

/** A chart. */
export type Chart =
  | {
      readonly kind: "lines";
      readonly id: string;
      readonly title: string;
      readonly conclusion: string;
      readonly x: Axis;
      /** Logarithmic. */
      readonly y: Axis;
      readonly series: readonly Series[];
    }
  | {
      readonly kind: "bars";
      readonly id: string;
      readonly title: string;
      readonly conclusion: string;
      readonly x: Axis;
      /** Parts of bars, from the left. */
      readonly bars: readonly {
        readonly name: string;
        readonly parts: readonly { readonly of: string; readonly value: number }[];
      }[];
    }
  | {
      readonly kind: "ranges";
      readonly id: string;
      readonly title: string;
      readonly conclusion: string;
      /** Logarithmic. */
      readonly x: Axis;
      readonly ranges: readonly {
        readonly name: string;
        readonly values: readonly { readonly of: string; readonly value: number }[];
      }[];
    };

/** A table. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A part of the report. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** What was run, in a sentence or two. */
  readonly what: string;
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}
