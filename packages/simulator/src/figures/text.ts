// Figures as text.

/** Three digits: `1,234`, `56.7`, `0.0123`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", {
    minimumFractionDigits: Math.min(digits, 4),
    maximumFractionDigits: Math.min(digits, 4),
  });
}

/** How many times as much: `×28.1`. */
export function factor(value: number): string {
  return `×${figure(value)}`;
}

/** A time, in the unit that people would use. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 120) return `${figure(seconds)} s`;
  if (seconds < 2 * 3600) return `${figure(seconds / 60)} min`;
  if (seconds < 3 * 86_400) return `${figure(seconds / 3600)} h`;
  return `${figure(seconds / 86_400)} days`;
}

/** A share: `97 %`. */
export function percent(share: number): string {
  return `${figure(100 * share)} %`.replace("100.0", "100").replace(/\.0+ /, " ");
}
