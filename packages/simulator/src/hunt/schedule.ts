// What happens in a run, drawn by a seed.

import type { Seeded } from "../clock/seeded.ts";
import { type FaultKind, faultKinds } from "./faults.ts";

/** What the schedules of a kind have in common. */
type Plot =
  /** One device, whose process dies; places that fail, lie and forget. */
  | "one-device"
  /** A device whose journal is put back from a backup. */
  | "put-back"
  /** Two devices with the same journal, at first. */
  | "two-devices";

/** One step. What `which`, `at` and the like choose from, the run knows. */
type Step =
  | {
      readonly kind: "append";
      readonly device: number;
      readonly lengths: readonly number[];
      readonly snapshot: boolean;
    }
  | { readonly kind: "publish" | "reopen" | "repair" | "rotate"; readonly device: number }
  | { readonly kind: "remove"; readonly device: number; readonly at: number; readonly count: number }
  | { readonly kind: "keep-newest"; readonly device: number; readonly entries: number }
  | { readonly kind: "die"; readonly device: number; readonly steps: number; readonly spared: number }
  | { readonly kind: "backup" | "clone"; readonly device: number }
  | { readonly kind: "put-back"; readonly device: number; readonly keepsWitness: boolean }
  | { readonly kind: "fault"; readonly place: number; readonly fault: FaultKind; readonly calls: number }
  | { readonly kind: "heal" | "empty" | "remember"; readonly place: number }
  | { readonly kind: "go-back" | "lose-one"; readonly place: number; readonly which: number }
  | { readonly kind: "follow"; readonly follower: number; readonly from: number }
  | { readonly kind: "reopen-follower"; readonly follower: number }
  | { readonly kind: "wait"; readonly milliseconds: number };

/** A step, and whether the next one waits for it. */
export type Scheduled = Step & { readonly inBackground: boolean };

/** A run. */
export interface Schedule {
  readonly plot: Plot;
  readonly isPrivate: boolean;
  /** Whether the writer publishes by itself. */
  readonly isAutomatic: boolean;
  readonly places: number;
  readonly headsAreObjects: boolean;
  readonly hasWitness: boolean;
  /** Whether the log is long enough for bundles. */
  readonly isLong: boolean;
  readonly steps: readonly Scheduled[];
}

/** What happens in every plot: steps that follow each other, and mean something together. */
const USUAL: readonly (readonly string[])[] = [
  ["append", "publish"],
  ["append", "publish", "follow"],
  ["append", "append", "publish", "follow"],
  ["publish", "remove", "publish"],
  ["publish", "follow", "remove", "publish", "follow"],
  ["append", "keepNewest", "publish"],
  ["die", "publish"],
  ["append", "die", "publish", "publish"],
  ["die", "append", "append"],
  ["publish", "remove", "die", "publish"],
  ["publish", "die", "remove", "publish"],
  ["reopen", "append"],
  ["append", "publish", "wait", "publish"],
  ["reopenFollower", "follow"],
];

/** What happens besides that. */
const OF_PLOT: Readonly<Record<Plot, readonly (readonly string[])[]>> = {
  "one-device": [
    ["fault", "publish"],
    ["append", "fault", "publish", "append", "publish"],
    ["publish", "fault", "follow"],
    ["publish", "fault", "follow", "follow"],
    ["publish", "fault", "reopenFollower", "follow"],
    ["append", "fault", "die", "publish"],
    ["publish", "remember", "append", "publish", "follow", "fault", "follow"],
    ["publish", "remember", "append", "publish", "follow", "goBack", "follow"],
    ["publish", "remember", "append", "publish", "goBack", "append", "publish", "follow"],
    ["publish", "remember", "append", "publish", "goBack", "reopen", "publish"],
    ["publish", "follow", "empty", "append", "publish", "follow"],
    ["publish", "empty", "publish"],
    ["publish", "loseOne", "repair"],
    ["publish", "loseOne", "append", "publish", "follow"],
    ["append", "publish", "rotate", "append", "publish", "follow"],
    ["rotate", "publish", "remember", "append", "publish", "fault", "follow"],
    ["remove", "fault", "publish", "wait", "publish"],
  ],
  "put-back": [
    ["publish", "backup", "append", "publish", "putBack", "append", "publish", "publish"],
    ["backup", "append", "publish", "follow", "putBack", "publish", "follow"],
    ["backup", "append", "putBack", "append", "publish"],
    ["backup", "append", "publish", "putBack", "reopen", "append", "publish", "follow"],
    ["backup", "publish", "remove", "publish", "putBack", "publish"],
  ],
  "two-devices": [
    ["clone", "append", "publish", "append", "publish", "follow"],
    ["clone", "append", "append", "publish", "publish", "publish"],
    ["clone", "append", "publish", "remove", "publish", "follow"],
  ],
};

/** Draws the schedule of a seed. */
export function drawSchedule({ random }: Seeded): Schedule {
  const below = (end: number): number => Math.floor(random() * end);
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const chance = (share: number): boolean => random() < share;

  const plot: Plot = chance(0.7) ? "one-device" : chance(0.6) ? "put-back" : "two-devices";
  const places = plot === "one-device" && chance(0.5) ? 2 : 1;
  const hasWitness = chance(0.5);
  const isLong = chance(0.01);
  const lengths = (): number[] => Array.from({ length: 1 + below(4) }, () => oneOf([12, 12, 12, 20, 60]));
  const device = (): number => (plot === "two-devices" ? below(2) : 0);
  const place = (): number => below(places);

  const draw: Readonly<Record<string, () => Step>> = {
    append: () => ({ kind: "append", device: device(), lengths: lengths(), snapshot: chance(0.15) }),
    publish: () => ({ kind: "publish", device: device() }),
    reopen: () => ({ kind: "reopen", device: device() }),
    repair: () => ({ kind: "repair", device: 0 }),
    rotate: () => ({ kind: "rotate", device: 0 }),
    remove: () => ({ kind: "remove", device: device(), at: random(), count: 1 + below(3) }),
    keepNewest: () => ({ kind: "keep-newest", device: device(), entries: 1 + below(6) }),
    die: () => ({ kind: "die", device: device(), steps: below(40), spared: below(5) }),
    backup: () => ({ kind: "backup", device: 0 }),
    putBack: () => ({ kind: "put-back", device: 0, keepsWitness: hasWitness && chance(0.5) }),
    clone: () => ({ kind: "clone", device: 0 }),
    fault: () => ({ kind: "fault", place: place(), fault: oneOf(faultKinds), calls: 1 + below(6) }),
    heal: () => ({ kind: "heal", place: place() }),
    remember: () => ({ kind: "remember", place: place() }),
    empty: () => ({ kind: "empty", place: place() }),
    goBack: () => ({ kind: "go-back", place: place(), which: below(8) }),
    loseOne: () => ({ kind: "lose-one", place: place(), which: below(64) }),
    follow: () => ({ kind: "follow", follower: below(2), from: chance(0.5) ? 0 : below(8) }),
    reopenFollower: () => ({ kind: "reopen-follower", follower: below(2) }),
    wait: () => ({ kind: "wait", milliseconds: oneOf([500, 30_000, 700_000, 86_400_000]) }),
  };
  const names = [...USUAL, ...OF_PLOT[plot]];
  // Of two devices that write in turns, which is not supported, one may delete what the other needs, or forget what it removed.
  const removes = plot !== "two-devices";
  const steps: Scheduled[] = [];
  const add = (step: Step): void => {
    steps.push({ ...step, inBackground: chance(0.2) });
  };
  add({ kind: "append", device: 0, lengths: lengths(), snapshot: false });
  const count = 2 + below(3);
  for (let i = 0; i < count; i++) {
    // A story that lacks a step is another one.
    for (const name of oneOf(names)) {
      const isRemoval = name === "remove" || name === "keepNewest";
      if (chance(0.9)) add(draw[isRemoval && !removes ? "append" : name]!());
    }
  }
  if (isLong) {
    const many = Array.from({ length: 257 + below(40) }, () => 10);
    steps.splice(below(3), 0, {
      kind: "append",
      device: 0,
      lengths: many,
      snapshot: false,
      inBackground: false,
    });
  }
  // A place that lost a head of its own past, and goes back to it, can't be mended by its writer.
  const losesHeads =
    steps.some(({ kind }) => kind === "lose-one") && steps.some(({ kind }) => kind === "go-back");
  return {
    ...{ plot, places, hasWitness, isLong, steps },
    isPrivate: chance(0.3),
    isAutomatic: chance(0.3),
    headsAreObjects: chance(0.15) && !losesHeads,
  };
}
