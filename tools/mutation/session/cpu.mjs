// The time that something takes: of the processor, because the machine may be busy with other things.

/**
 * @param {NodeJS.CpuUsage} began - what `process.cpuUsage()` returned
 * @returns {number} milliseconds
 */
export function cpuSince(began) {
  const { user, system } = process.cpuUsage(began);
  return Math.round((user + system) / 1000);
}
