// The exit codes of `rlog`. Documented in the README and in `rlog --help`.

/** What the exit code of the process tells a script. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  tryAgain: 4,
  needsCare: 5,
} as const;
