// Measures work by the time that processors spent on it, which other programs on the machine do not change.

/**
 * How long the processors worked in this process while something ran, in milliseconds. If the point is that work is
 * linear and not quadratic, compare this, and never the time on a clock: a busy machine stops a clock's owner at will.
 */
export function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
