import { expect, test } from "vitest";
import { seeded } from "../../src/clock/seeded.ts";
import { type PresenceModel, type Session, sessionsOf } from "../../src/network/presence.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function take(
  model: PresenceModel,
  count: number,
  seed = 1,
  common?: Iterator<Session, never, undefined>,
): Session[] {
  const sessions = sessionsOf(model, seeded(seed, "presence"), common);
  return Array.from({ length: count }, () => sessions.next().value);
}

test.each([0.01, 0.1, 0.5])("a device is online for the share %d of the time", (share) => {
  const sessions = take({ share, sessionMilliseconds: 5 * MINUTE }, 2000);
  const online = sessions.reduce((sum, { begin, end }) => sum + end - begin, 0);
  expect(online / sessions.at(-1)!.end / share).toBeCloseTo(1, 1);
  for (const [i, { begin, end }] of sessions.entries()) {
    expect(end).toBeGreaterThan(begin);
    if (i > 0) expect(end - begin).toBeCloseTo(5 * MINUTE, 3);
    if (i > 0) expect(begin).toBeGreaterThanOrEqual(sessions[i - 1]!.end);
  }
});

test("at night, fewer sessions begin, and a day has as many as without", () => {
  const sessions = take({ share: 0.1, sessionMilliseconds: 5 * MINUTE, night: 0.1 }, 2000);
  const isNight = ({ begin }: Session): boolean => {
    const hour = (begin / HOUR) % 24;
    return hour < 7 || hour >= 23;
  };
  const atNight = sessions.filter(isNight).length / sessions.length;
  expect(atNight).toBeCloseTo((8 * 0.1) / (16 + 8 * 0.1), 1);
  const online = sessions.reduce((sum, { begin, end }) => sum + end - begin, 0);
  expect(online / sessions.at(-1)!.end).toBeCloseTo(0.1, 1.5);
});

test("who is online together with others is so more often than by chance", () => {
  const model = { share: 0.1, sessionMilliseconds: 5 * MINUTE };
  const overlap = (together: number): number => {
    const of = (seed: number): Session[] =>
      take({ ...model, together }, 1000, seed, sessionsOf(model, seeded(9, "many")));
    const [a, b] = [of(1), of(2)];
    let [i, j, sum] = [0, 0, 0];
    while (i < a.length && j < b.length) {
      sum += Math.max(0, Math.min(a[i]!.end, b[j]!.end) - Math.max(a[i]!.begin, b[j]!.begin));
      if (a[i]!.end < b[j]!.end) i++;
      else j++;
    }
    return sum / Math.min(a.at(-1)!.end, b.at(-1)!.end);
  };
  // By chance: 0.1 times 0.1.
  expect(overlap(0)).toBeCloseTo(0.01, 2);
  expect(overlap(0.9)).toBeGreaterThan(0.04);
});
