// Durations and dates in messages, in whole days.

const DAY = 24 * 60 * 60 * 1000;

/** The time that is left, in words: `12 days`, `1 day`, `less than a day`. Rounded down, so that nobody is late. */
export function inDays(milliseconds: number): string {
  const days = Math.floor(milliseconds / DAY);
  if (days < 1) return "less than a day";
  return days === 1 ? "1 day" : `${days} days`;
}

/** The day of a moment, in UTC: `2026-01-31`. */
export function dayOf(moment: Date): string {
  return moment.toISOString().replace(/T.*$/, "");
}
