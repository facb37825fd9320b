// When devices are online: sessions of a length, in a rhythm of day and night, together with others or not.

import type { Seeded } from "../clock/seeded.ts";

/** How a device is online. */
export interface PresenceModel {
  /** The share of the time for which it is online. */
  readonly share: number;
  /** How long a session is, in milliseconds. */
  readonly sessionMilliseconds: number;
  /** How much less likely a session begins at night: 1 for as likely as by day. Default 1. */
  readonly night?: number | undefined;
  /** How likely a session begins when those of the others do. Default 0. */
  readonly together?: number | undefined;
}

/** A time for which a device is online, in milliseconds. */
export interface Session {
  readonly begin: number;
  readonly end: number;
}

const HOUR = 3_600_000;
/** Night is from 23 to 7. */
const [DAY_BEGINS, NIGHT_BEGINS] = [7, 23];

/**
 * The sessions of a device, without end. Between two of them lies a time drawn from an exponential distribution.
 *
 * @param common - when sessions of many begin, in order; needed if the model says `together`
 */
export function* sessionsOf(
  model: PresenceModel,
  seeded: Seeded,
  common?: Iterator<Session, never, undefined>,
): Generator<Session, never, undefined> {
  const { share, sessionMilliseconds: length, night = 1, together = 0 } = model;
  const gap = (length * (1 - share)) / share;
  // Does the run begin within a session?
  let at = seeded.random() < share ? -seeded.random() * length : afterGap(0, seeded.exponential(gap), night);
  let next = common?.next();
  for (;;) {
    const end = at + length;
    if (end > 0) yield { begin: Math.max(0, at), end };
    at = afterGap(Math.max(0, end), seeded.exponential(gap), night);
    if (common === undefined || seeded.random() >= together) continue;
    while (next !== undefined && next.value.begin < Math.max(0, end)) next = common.next();
    if (next !== undefined) at = next.value.begin;
  }
}

/** The moment after a gap that passes more slowly at night. */
function afterGap(from: number, gap: number, night: number): number {
  if (night === 1) return from + gap;
  // So that a day has as many sessions as without nights.
  const speed = 24 / (NIGHT_BEGINS - DAY_BEGINS + (24 - NIGHT_BEGINS + DAY_BEGINS) * night);
  let [at, left] = [from, gap];
  for (;;) {
    const hour = Math.floor(at / HOUR) % 24;
    const isDay = hour >= DAY_BEGINS && hour < NIGHT_BEGINS;
    const rate = isDay ? speed : speed * night;
    const untilNext = (Math.floor(at / HOUR) + 1) * HOUR - at;
    if (left <= untilNext * rate) return at + left / rate;
    left -= untilNext * rate;
    at += untilNext;
  }
}
